"""What is struck out of every text that anybody may see."""

import pytest

from livermore import log

JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6Imluc18xIn0.eyJzdWIiOiJ1c2VyXzJhbm4ifQ.c2lnbmF0dXJl_-x"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"Bearer {JWT}, it says", "Bearer eyJ***, it says"),
        (f"?token={JWT}&x=1", "?token=eyJ***&x=1"),
        ("lvm_0123456789ab_" + "x" * 43, "lvm_0123456789ab_***"),
        ("eyJust.a.word", "eyJust.a.word"),
        ("two\nlines\x1b[31m", "two\nlines\\x1b[31m"),
    ],
)
def test_tokens_keys_and_control_characters_are_struck_out_without_being_known(text: str, seen: str) -> None:
    assert log.clean(text) == seen


def test_what_is_known_to_be_secret_is_struck_out_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", set())
    log.hide(["hush-hush", "short"])
    assert log.clean("it is hush-hush, in short") == "it is ***, in short"
