"""Tests of loading trees: what they become, and how each fault is told, with its place."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from livermore.errors import ConfigurationError
from livermore.settings import Options
from livermore.strict_yaml import parse
from livermore.supervision.loading import load_tree
from livermore.supervision.spec import ActorSpec, SupervisorSpec, TreeSpec
from tests.configuration.actors import Listener, Talker, TalkerOptions

HEAD = """version: 1
settings: {allow_modules: [tests.configuration]}
modes:
  day:
    id: day
    children:
"""
ABOVE, LEFT = HEAD.count("\n"), 6
"""What stands above the children of `tree`, and to the left of them."""
EMPTY = HEAD + "      []"
DAY = "modes: {day: {id: day, children: []}}"


class Store(Options):
    """A section of a tree."""

    url: str
    secret: SecretStr = SecretStr("")


STORE = {"store": Store}


def load(text: str, variables: Mapping[str, str] | None = None, **how: Any) -> TreeSpec:
    """The tree of the day."""
    return load_tree(parse(text, "t.yaml"), "day", variables or {}, how.pop("sections", {}), **how)


def tree(children: str, variables: Mapping[str, str] | None = None, **how: Any) -> TreeSpec:
    """The tree of the day, of which only the children are written."""
    return load(HEAD + re.sub("(?m)^", " " * LEFT, children.strip("\n")), variables, **how)


def problems(do: Callable[[], Any]) -> list[str]:
    """All that is said, line by line."""
    with pytest.raises(ConfigurationError) as refused:
        do()
    assert refused.value.problems, "refused without a reason"
    return str(refused.value).splitlines()


def in_children(line: str) -> str:
    """A problem with its place counted from the children on: `line:column path: message [code]`."""
    place = re.match(r"t\.yaml:(\d+):(\d+) modes\.day\.children\.", line)
    assert place is not None, line
    return f"{int(place[1]) - ABOVE}:{int(place[2]) - LEFT} {line[place.end() :]}"


# -- what a tree becomes

FAMILY = """
- {id: ear, class: "tests.configuration.actors:Listener"}
- id: house
  strategy: rest_for_one
  intensity: 0
  period: 1m
  children:
    - id: mouth
      class: tests.configuration.actors:Talker
      tells: [ear]
      args: {wait: 5s, names: [a, b]}
      shutdown: 250ms
      critical: false
    - id: attic
      autostart: false
      children: [{id: preacher, class: "tests.configuration.actors:Preacher", tells: [ear]}]
"""


def test_a_tree_is_what_is_written() -> None:
    root = tree(FAMILY).root
    ear, house = root.children
    assert isinstance(house, SupervisorSpec)
    mouth, attic = house.children
    assert isinstance(mouth, ActorSpec)
    assert isinstance(attic, SupervisorSpec)
    paths = [node.path for node in (root, ear, house, mouth, attic, attic.children[0])]
    assert paths == ["day", "ear", "house", "house/mouth", "house/attic", "house/attic/preacher"]
    assert (house.keys.strategy, house.keys.intensity, house.keys.period) == ("rest_for_one", 0, 60)
    assert (attic.keys.autostart, house.keys.autostart) == (False, True)
    assert (mouth.actor, mouth.keys.shutdown, mouth.keys.critical) == (Talker, 0.25, False)
    assert mouth.options == TalkerOptions.model_validate({"wait": "5s", "names": ["a", "b"]})
    assert mouth.targets == (ear,)


def test_whoever_stands_above_or_above_an_ancestor_can_be_told() -> None:
    preacher = tree(FAMILY).root.children[1].children[1].children[0]  # type: ignore[union-attr]
    assert [target.actor for target in preacher.targets] == [Listener]  # type: ignore[union-attr]


def test_what_is_not_written_has_its_default() -> None:
    (one,) = tree('- {id: a, class: "tests.configuration.actors:Talker"}').root.children
    assert isinstance(one, ActorSpec)
    keys = one.keys
    assert (keys.autostart, keys.required, keys.critical, keys.shutdown, keys.listen) == (True, True, True, 5.0, None)
    assert (keys.mailbox.capacity, keys.mailbox.overflow, keys.start.timeout) == (10_000, "drop_oldest", 10.0)
    assert one.options == TalkerOptions()


def test_a_tree_may_have_no_children() -> None:
    assert tree("[]").root.children == ()


def test_the_settings_of_the_process_come_with_it() -> None:
    text = EMPTY.replace("settings: {", "settings: {shutdown_deadline: 3s, health: {listen: 'h:1'}, ")
    assert (load(text).settings.shutdown_deadline, load(text).settings.health.listen) == (3.0, "h:1")
    assert load(f"version: 1\n{DAY}").settings.shutdown_deadline == 8.0


def test_sections_of_the_root_come_with_it() -> None:
    text = EMPTY.replace("id: day\n", "id: day\n    store: {url: here}\n")
    assert load(text, sections=STORE).sections == {"store": Store(url="here")}


def test_defaults_hold_for_every_node_of_their_kind_and_give_way_to_its_own_keys() -> None:
    defaults = """defaults:
  actor: {shutdown: 9s, mailbox: {capacity: 7, overflow: drop_newest}}
  supervisor: {strategy: one_for_all}
"""
    children = """
      - {id: a, class: "tests.configuration.actors:Deaf"}
      - {id: b, class: "tests.configuration.actors:Deaf", shutdown: 1s, mailbox: {capacity: 8}}
      - {id: c, strategy: one_for_one, children: []}
"""
    root = load(defaults + HEAD + children).root
    a, b, c = (child.keys.model_dump() for child in root.children)
    assert (a["shutdown"], a["mailbox"]["capacity"], a["mailbox"]["overflow"]) == (9.0, 7, "drop_newest")
    assert (b["shutdown"], b["mailbox"]["capacity"], b["mailbox"]["overflow"]) == (1.0, 8, "drop_newest")
    assert (root.keys.strategy, c["strategy"]) == ("one_for_all", "one_for_one")


# -- how faults are told


def cases() -> Iterator[Any]:
    """Children and what is said about them, from `faults.txt`."""
    text = Path(__file__).with_name("faults.txt").read_text()
    for block in text.split("\n## ")[1:]:
        title, *lines = block.strip("\n").splitlines()
        said = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
        children = [line for line in lines if not line.startswith("=> ")]
        yield pytest.param("\n".join(children), said, id=title)


@pytest.mark.parametrize(("children", "said"), list(cases()))
def test_a_fault_is_told_with_its_place_what_was_expected_and_what_was_found(children: str, said: list[str]) -> None:
    assert list(map(in_children, problems(lambda: tree(children, {"HELD": "hush"})))) == said
    assert said


def test_all_faults_of_all_children_are_told_at_once_in_file_order() -> None:
    children = "\n".join(case.values[0] for case in cases())
    alone = sum(len(case.values[1]) for case in cases())
    found = [in_children(line) for line in problems(lambda: tree(children, {"HELD": "hush"}))]
    lines = [int(line.partition(":")[0]) for line in found]
    assert lines == sorted(lines)
    assert len(found) >= alone - 6  # what is listed above is another in one tree


TOP = {
    "": "1:1 (file): expected a mapping, found an empty file [E_PARSE]",
    "words": "1:1 (file): expected a mapping; found 'words' [E_TYPE]",
    "[]": "1:1 (file): expected a mapping [E_TYPE]",
    DAY: "1:1 version: expected 'version', found nothing [E_VERSION]",
    f"version: 2\n{DAY}": "1:10 version: expected 1; found 2 [E_VERSION]",
    f"version: true\n{DAY}": "1:10 version: expected a number; found true [E_VERSION]",
    f"version: '1'\n{DAY}": "1:10 version: expected 1; found '1' [E_VERSION]",
    "version: 1": "1:1 modes: expected 'modes', found nothing [E_MISSING]",
    "version: 1\nmodes: []": "2:8 modes: expected a mapping [E_TYPE]",
    "version: 1\nmodes: {}": "2:8 modes: expected a mode; found 'day' [E_MODE_UNKNOWN]",
    "version: 1\nmodes: {night: {id: n, children: []}, dawn: {id: d, children: []}}": (
        "2:8 modes: expected dawn or night; found 'day' [E_MODE_UNKNOWN]"
    ),
    f"version: 1\nmode: {{}}\n{DAY}": (
        "2:1 mode: expected one of version, settings, defaults, modes; found 'mode'; "
        "did you mean 'modes'? [E_UNKNOWN_KEY]"
    ),
    "version: 1\nmodes: {day: 5}": (
        "2:14 modes.day: expected a node, which is a mapping with an id; found 5 [E_TYPE]"
    ),
    "version: 1\nmodes: {day: {id: day, class: 'livermore.actors.notifier:Notifier', args: {targets: []}}}": (
        "2:14 modes.day: expected children: the root of a mode is a supervisor [E_NODE_KIND]"
    ),
    f"version: 1\nsettings: {{shutdown_deadline: 0s}}\n{DAY}": (
        "2:31 settings.shutdown_deadline: expected greater than 0; found '0s' [E_RANGE]"
    ),
    f"version: 1\nsettings: {{deadline: 5s}}\n{DAY}": (
        "2:12 settings.deadline: expected one of shutdown_deadline, drain_deadline, hang_poll, "
        "zombie_threads_max, allow_modules, dead_letters, crash_reports, reload, watchdog, health; found 'deadline'; "
        "did you mean 'drain_deadline'? [E_UNKNOWN_KEY]"
    ),
    f"version: 1\ndefaults: {{actors: {{}}}}\n{DAY}": (
        "2:20 defaults.actors: expected 'actor' or 'supervisor'; found 'actors'; did you mean 'actor'? [E_ENUM]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", TOP)
def test_the_top_of_the_file_may_be_wrong(text: str) -> None:
    assert problems(lambda: load(text)) == [f"t.yaml:{TOP[text]}"]


def test_a_fault_of_the_defaults_is_told_once_and_where_it_stands() -> None:
    defaults = "version: 1\ndefaults: {actor: {shutdown: 7}, supervisor: {period: 5}}\n"
    days = "modes: {day: {id: day, children: [{id: a, children: []}, {id: b, children: []}]}}"
    expected = "expected a duration with its unit, as 250ms, 5s, 2m or 1h"
    assert problems(lambda: load(defaults + days)) == [
        f"t.yaml:2:30 defaults.actor.shutdown: {expected}, or brutal or infinity; found 7 [E_DURATION]",
        f"t.yaml:2:55 defaults.supervisor.period: {expected}; found 5 [E_DURATION]",
    ]


def test_a_section_is_told_by_its_name() -> None:
    text = EMPTY.replace("id: day\n", 'id: day\n    store: {url: "${URL}", secret: "${SECRET}"}\n')
    assert problems(lambda: load(text, sections=STORE)) == [
        "t.yaml:6:18 modes.day.store.url: store needs the variable URL, which is not set [E_VARIABLE]",
        "t.yaml:6:36 modes.day.store.secret: store needs the variable SECRET, which is not set [E_VARIABLE]",
    ]
    assert problems(lambda: load(EMPTY, sections=STORE)) == [
        "t.yaml:5:5 modes.day.store.url: expected 'url', found nothing [E_MISSING]"
    ]


# -- without need of variables

NEEDY = '- {id: a, class: "tests.configuration.actors:Needy", args: {name: "${NAME}", password: "${PASSWORD}"}}'


def test_with_its_variables_a_tree_is_filled() -> None:
    (one,) = tree(NEEDY, {"NAME": "n", "PASSWORD": "p"}).root.children
    assert isinstance(one, ActorSpec)
    assert (one.options.name, one.options.password.get_secret_value()) == ("n", "p")


def test_without_them_the_rest_can_be_checked() -> None:
    assert [child.keys.id for child in tree(NEEDY, need_variables=False).root.children] == ["a"]
    (fault,) = problems(lambda: tree(NEEDY.replace("args:", "tells: [b], args:"), need_variables=False))
    assert "E_TELLS" in fault


def test_who_cannot_be_made_without_its_variables_can_be_told_all_the_same() -> None:
    ear = '- {id: ear, class: "tests.configuration.actors:Listener", listen: "${WHERE}"}\n'
    mouth = '- {id: a, class: "tests.configuration.actors:Talker", tells: [ear]}'
    assert [child.keys.id for child in tree(ear + mouth, need_variables=False).root.children] == ["a"]


def test_neither_settings_nor_defaults_nor_root_need_theirs() -> None:
    text = """version: 1
settings: {shutdown_deadline: "${DEADLINE}"}
defaults: {actor: {shutdown: "${SHUTDOWN}"}}
modes: {day: {id: day, period: "${PERIOD}", children: []}}
"""
    assert load(text, need_variables=False).root.children == ()
    assert [line.split(": ", 1)[1] for line in problems(lambda: load(text))] == [
        "the process needs the variable DEADLINE, which is not set [E_VARIABLE]",
        "every actor needs the variable SHUTDOWN, which is not set [E_VARIABLE]",
        "day needs the variable PERIOD, which is not set [E_VARIABLE]",
    ]


# -- the other modes

NIGHT = """
  night:
    id: night
    children:
      - {id: a, class: "tests.configuration.unwanted:Unwanted", listen: "${NEVER_SET}", args: {any: thing}}
      - {id: Bad Id, children: []}
"""


def test_of_another_mode_nothing_is_imported_and_no_variable_is_needed() -> None:
    assert load(EMPTY + NIGHT)
    assert "tests.configuration.unwanted" not in sys.modules


def test_another_modes_shape_is_checked() -> None:
    more = """
      - {id: b, clas: x}
      - {id: c, children: [{id: d, class: x, shutdwn: 5s}, 7]}
      - 5
"""
    codes = ["E_NODE_KIND", "E_UNKNOWN_KEY", "E_TYPE", "E_TYPE"]
    paths = ["2", "3.children.0.shutdwn", "3.children.1", "4"]
    found = problems(lambda: load(EMPTY + NIGHT + more))
    assert [line[-len(code) - 1 : -1] for line, code in zip(found, codes, strict=True)] == codes
    assert [line.split()[1] for line in found] == [f"modes.night.children.{path}:" for path in paths]
    assert "did you mean 'shutdown'?" in found[1]


@pytest.mark.parametrize("children", ["5", "abc", "{a: b}", "''", "null"])
def test_another_modes_children_may_be_no_list_at_all(children: str) -> None:
    assert load(f"{EMPTY}\n  night: {{id: night, children: {children}}}\n")


def test_a_section_is_a_key_of_any_modes_root_and_of_nothing_below() -> None:
    night = "\n  night: {id: night, store: {}, children: [{id: a, store: {}, children: []}]}\n"
    text = EMPTY.replace("id: day\n", "id: day\n    store: {url: x}\n") + night
    (fault,) = problems(lambda: load(text, sections=STORE))
    assert "modes.night.children.0.store: expected one of" in fault


# -- any tree

words = ["", "a", "A b", "5s", "one_for_all", "${X}", "tests.configuration.actors:Talker"]
scalars = st.sampled_from([None, True, 0, -1, 1.5, *words])
node_keys = ["id", "class", "children", "args", "tells", "period", "mailbox", "listen", "strategy"]
keys = st.sampled_from([*node_keys, "wait", "defaults", "actor", "x"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))
tops = st.sampled_from(["version", "settings", "defaults", "modes", "x"])


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(tops, trees, max_size=5), trees, trees, st.booleans())
def test_any_tree_is_loaded_or_refused_with_reasons(top: dict[str, Any], one: Any, other: Any, need: bool) -> None:
    tested = {"version": 1, "settings": {"allow_modules": ["tests.configuration"]}}
    inside = {"id": "day", "children": [one, other], "store": {"url": "x"}}
    for data in (top, {**tested, "modes": {"day": one, "night": other}}, {**tested, "modes": {"day": inside}}):
        outcome = attempt(json.dumps(data), need_variables=need)
        assert isinstance(outcome, TreeSpec) or outcome.problems


def attempt(text: str, **how: Any) -> TreeSpec | ConfigurationError:
    try:
        return load(text, sections=STORE, **how)
    except ConfigurationError as refused:
        return refused
