"""The alert rules of `deploy/prometheus`: each fires and stops again, and looks at metrics that exist."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from livermore import metrics
from livermore.clock import AffineClock
from livermore.listeners import Listeners
from livermore.reload_metrics import reload_metrics
from livermore.reloader import Reloader
from livermore.supervision.exposition import Exposition
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.metrics import TreeMetrics
from livermore.supervision.spec import TreeSpec
from tests.deploy.test_files import composed, run
from tests.supervision.test_supervisor import PATIENCE, Recorder, Run, spec, tree
from tests.support.processes import ROOT
from tests.support.programs import program

FOLDER = ROOT / "deploy" / "prometheus"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
CASES: dict[str, dict[str, Any]] = {
    case["name"]: case for case in yaml.safe_load((FOLDER / "rules_test.yml").read_text(encoding="utf-8"))["tests"]
}
HEALTHY = next(iter(CASES))

OF_PROMETHEUS = {"up", "scrape_duration_seconds"}
"""What Prometheus itself writes down at each scrape."""
OF_SCRAPES = {"job", "instance"}
LISTED = {"state", "reason", "policy", "action"}
"""Labels of which every value exists from the start."""
WORDS = {"and", "or", "unless", "offset", "bool"}

each_alert = pytest.mark.parametrize("alert", RULES)
Exported = dict[str, dict[str, set[str]]]


class Selector(NamedTuple):
    """A metric in an expression, and which values of its labels are asked for."""

    metric: str
    values: dict[str, list[str]]


def selectors(expression: str) -> list[Selector]:
    bare = re.sub(r"\b(on|ignoring|by|without)\s*\([^)]*\)", " ", expression)
    found = re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?", bare)
    return [Selector(name, _matchers(rest)) for name, rest in found if rest != "(" and name not in WORDS]


def _matchers(text: str) -> dict[str, list[str]]:
    return {label: value.split("|") for label, value in re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"', text)}


def labels_of(sample: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', sample))


def expected(case: dict[str, Any]) -> list[list[dict[str, str]]]:
    """The labels of the alerts that fire at each moment of a case that is looked at, in the order of time."""
    checks = sorted(case["promql_expr_test"], key=lambda check: seconds(check["eval_time"]))
    return [[labels_of(sample["labels"]) for sample in check["exp_samples"]] for check in checks]


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([ms])", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """What a process exports: metrics, their labels, and the values that these have so far."""
    running = Run(tree(spec("a", Recorder)))
    supervisor, clock = running.supervisor, AffineClock()
    shape, path = TreeSpec(supervisor.tree.applied, SettingKeys(), {}), tmp_path_factory.mktemp("tree") / "tree.yaml"
    reloader = Reloader(shape, path, lambda _: shape, supervisor, Listeners(), clock)
    ours = TreeMetrics(supervisor, "0.1.0")
    try:
        yield collect(Exposition(ours, REGISTRY.collect, lambda: reload_metrics(reloader)))
    finally:
        supervisor.shut_down()
        assert supervisor.ended.wait(PATIENCE)


def collect(exposition: Exposition) -> Exported:
    found: Exported = defaultdict(lambda: defaultdict(set))
    families = text_string_to_metric_families(exposition.text().decode())
    for sample in (sample for family in families for sample in family.samples):
        for label, value in sample.labels.items():
            found[sample.name][label].add(value)
        found[sample.name]  # also where it has no labels
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):  # of the markets: their series begin with the first event
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] |= {label: set[str]() for label in metric._labelnames}
    return found


def test_promtool_finds_no_fault_in_the_rules() -> None:
    answer = run(program("promtool", "prometheus"), "check", "rules", str(FOLDER / "rules.yml"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"{len(RULES)} rules found" in answer.stdout  # no name is used twice


def test_each_case_of_the_rules_comes_out_as_it_says() -> None:
    answer = run(program("promtool", "prometheus"), "test", "rules", str(FOLDER / "rules_test.yml"))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@each_alert
def test_each_alert_has_a_case_in_which_it_is_quiet_then_fires_then_is_quiet_again(alert: str) -> None:
    moments = [any(labels["alertname"] == alert for labels in fire) for fire in expected(CASES[alert])]
    assert True in moments
    assert not moments[0]
    assert not moments[-1]


@each_alert
def test_each_alert_is_expected_with_the_severity_and_the_labels_that_its_text_names(alert: str) -> None:
    texts, severity = RULES[alert]["annotations"], RULES[alert]["labels"]["severity"]
    named = {label for text in texts.values() for label in re.findall(r"\$labels\.(\w+)", text)}
    found = [labels for fire in expected(CASES[alert]) for labels in fire if labels["alertname"] == alert]
    assert all(named <= labels.keys() for labels in found)
    assert {labels["severity"] for labels in found} == {severity}


@each_alert
def test_each_alert_says_where_it_is_and_what_to_do(alert: str) -> None:
    rule = RULES[alert]
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"page", "warn"}
    assert rule["annotations"].keys() == {"summary", "description"}
    assert "$labels.instance" in rule["annotations"]["summary"]
    assert len(rule["annotations"]["summary"]) <= 120
    assert rule["annotations"]["description"].endswith(".")


@each_alert
def test_each_alert_looks_at_what_a_process_exports(alert: str, exported: Exported) -> None:
    for metric, values in selectors(RULES[alert]["expr"]):
        if metric in OF_PROMETHEUS:
            continue
        assert metric in exported
        assert values.keys() <= exported[metric].keys() | OF_SCRAPES
        for label in values.keys() & LISTED:
            assert set(values[label]) <= exported[metric][label], f"{metric} never has such a {label}"


def test_the_actors_that_rules_name_are_those_of_the_tree_that_is_deployed() -> None:
    text = (ROOT / "supervisors.yaml").read_text(encoding="utf-8")
    named = {name for rule in RULES.values() for one in selectors(rule["expr"]) for name in one.values.get("actor", ())}
    assert named == {"exchange_feed", "boundary_poller"}
    assert named <= set(re.findall(r"\bid: (\w+)", text))


def test_the_healthy_case_has_a_series_of_every_metric_that_a_rule_looks_at() -> None:
    looked_at = {one.metric for rule in RULES.values() for one in selectors(rule["expr"])}
    given = {series["series"].partition("{")[0] for series in CASES[HEALTHY]["input_series"]}
    assert given == looked_at
    assert all(check["expr"] == "ALERTS" and not check["exp_samples"] for check in CASES[HEALTHY]["promql_expr_test"])


def test_every_series_of_a_case_is_of_a_metric_that_a_rule_looks_at() -> None:
    looked_at = {one.metric for rule in RULES.values() for one in selectors(rule["expr"])}
    for case in CASES.values():
        assert {series["series"].partition("{")[0] for series in case["input_series"]} <= looked_at


def test_metrics_and_values_are_found_in_an_expression() -> None:
    text = 'sum by (job) (rate(a_total{x=~"p|q",y!="r"}[5m])) > 2.5 unless on (job) time() - b offset 1h < bool 3'
    assert selectors(text) == [Selector("a_total", {"x": ["p", "q"], "y": ["r"]}), Selector("b", {})]


def test_prometheus_loads_the_rules_where_compose_puts_them() -> None:
    loaded = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["rule_files"]
    mounts = [volume.split(":") for volume in composed()["prometheus"]["volumes"]]
    places = {Path(inside): (ROOT / "deploy" / outside).resolve() for outside, inside, *_ in mounts}
    config = next(inside for inside, outside in places.items() if outside == FOLDER / "prometheus.yml")
    assert [places[config.parent / name] for name in loaded] == [FOLDER / "rules.yml"]
