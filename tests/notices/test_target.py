"""Targets in the tree: words with options, whose secrets are shown nowhere."""

import importlib.util
import json
from typing import Any

import pytest
from pydantic import ValidationError

from livermore.actors.notifier import NotifierOptions
from livermore.notices.target import PACKAGE, make_target, names_of
from livermore.plugins import make, names
from livermore.strict_yaml import parse
from livermore.validation import validate

SECRET = "t0ken-that-nobody-may-see"
URL = f"https://discord.invalid/api/webhooks/1/{SECRET}"
HOOK = {"url": f"https://hook.invalid/{SECRET}", "secrets": [f"{SECRET}-1", f"{SECRET}-2"]}


def options(*targets: dict[str, Any]) -> NotifierOptions:
    return NotifierOptions.model_validate({"targets": targets})


def refusal(*targets: dict[str, Any]) -> str:
    """What people are told of them, by pydantic itself and by `livermore check`."""
    with pytest.raises(ValidationError) as refused:
        options(*targets)
    document = parse(json.dumps({"targets": targets}), "tree.yaml")
    assert validate(NotifierOptions, document.data, document, ()) is None
    told = "\n".join(map(str, [refused.value, *document.problems]))
    assert SECRET[:10] not in told
    return told


def test_a_url_alone_stands_for_all_options() -> None:
    short, long = options({"discord": URL}), options({"discord": {"url": URL}})
    assert short == long
    target = make_target(short.targets[0])
    assert target.options.url.get_secret_value() == URL
    assert not target.options.allow_private


def test_several_targets_have_names_of_their_own() -> None:
    many = options({"discord": URL}, {"discord": {"url": URL, "name": "traders"}}, {"webhook": HOOK})
    assert names_of(many.targets) == ["discord", "traders", "webhook"]
    assert "found discord more than once" in refusal({"discord": URL}, {"discord": URL})
    named = {"discord": {"url": URL, "name": "a"}}, {"webhook": {**HOOK, "name": "a"}}
    assert "found a more than once" in refusal(*named)


def test_no_secret_is_shown_by_options() -> None:
    both = options({"discord": URL}, {"webhook": HOOK}, {"apprise": f"ntfys://{SECRET}"})
    for text in (repr(both), str(both), repr(both.model_dump()), both.model_dump_json()):
        assert SECRET not in text


@pytest.mark.parametrize(
    "target",
    [
        {"discord": f"http://discord.invalid/{SECRET}"},
        {"discord": SECRET},
        {"discord": {"url": SECRET}},
        {"discord": {"url": URL, "urls": 1}},
        {"discord": {"url": [SECRET]}},
        {"discord": None},
        {"discord": [SECRET]},
        {"webhook": {**HOOK, "secrets": SECRET}},
        {"webhook": {**HOOK, "secrets": [SECRET[:10]]}},
        {"webhook": URL},
        {"pager": URL},
        {"target": URL},
        {"discord": {"url": URL, "name": "A B"}},
        {"discord": {"url": URL, "per_minute": 0}},
    ],
)
def test_what_is_no_target_is_refused_and_not_shown(target: dict[str, Any]) -> None:
    assert refusal(target)


def test_http_is_for_private_addresses() -> None:
    assert "only where allow_private" in refusal({"discord": f"http://discord.invalid/{SECRET}"})
    assert options({"discord": {"url": f"http://127.0.0.1/{SECRET}", "allow_private": "true"}}).targets


def test_without_the_extra_apprise_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "apprise" else found(name, *a))
    assert "pip install 'livermore[apprise]'" in refusal({"apprise": f"ntfys://{SECRET}"})


@pytest.mark.parametrize("word", [name for name in names(PACKAGE) if name in {"discord", "webhook", "apprise"}])
def test_every_kind_has_what_a_target_has(word: str) -> None:
    made = make(PACKAGE, {word: HOOK if word == "webhook" else URL})
    assert isinstance(made.shows_charts, bool)
    assert made.options.per_minute == 30
