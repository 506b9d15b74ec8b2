"""Tests of strict YAML: what is read, what is refused, where it stands, and that all of it is told at once."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.errors import ConfigurationError
from livermore.strict_yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, Document, dotted, parse


def codes(text: str) -> list[str]:
    """The codes of all problems, in file order."""
    with pytest.raises(ConfigurationError) as refused:
        parse(text, "f.yaml")
    return [problem.code for problem in refused.value.problems]


def told(text: str) -> str:
    """What is said of a text that is refused."""
    with pytest.raises(ConfigurationError) as refused:
        parse(text, "f.yaml")
    return str(refused.value)


# -- what is read


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1", {"a": 1}),
        ("a: -7", {"a": -7}),
        ("a: +7", {"a": 7}),
        ("a: 0", {"a": 0}),
        ("a: 1.10", {"a": 1.1}),
        ("a: -0.5", {"a": -0.5}),
        ("a: true", {"a": True}),
        ("a: False", {"a": False}),
        ("a: null", {"a": None}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: ''", {"a": ""}),
        ("a: word", {"a": "word"}),
        ("a: 5s", {"a": "5s"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: '010'", {"a": "010"}),
        ("a: 'on'", {"a": "on"}),
        ("a: [1, x, {b: c}]", {"a": [1, "x", {"b": "c"}]}),
        ("a: []", {"a": []}),
        ("{}", {}),
        ("just words", "just words"),
        ("[1, 2]", [1, 2]),
        ("# nothing but\na: 1 # this\n", {"a": 1}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x 5\nb: [*x, *x]", {"a": 5, "b": [5, 5]}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("a: 1\r\nb: [2,\r\n  3]\r\n", {"a": 1, "b": [2, 3]}),
        ("\ufeffa: 1", {"a": 1}),
        ('a: "\\u20ac"', {"a": "\u20ac"}),
        ("1m: x", {"1m": "x"}),
    ],
)
def test_plain_data_are_read(text: str, data: object) -> None:
    assert parse(text, "f.yaml").data == data


def test_an_alias_gives_a_copy_of_its_own() -> None:
    data = parse("a: &x {b: [1]}\nc: *x", "f.yaml").data
    data["a"]["b"].append(2)
    assert data["c"] == {"b": [1]}


# -- what is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E_PARSE"),
        ("# only a comment", "E_PARSE"),
        ("a: 1\n---\nb: 2", "E_PARSE"),
        ("a:\n\tb: 1", "E_PARSE"),
        ("a: 'open", "E_PARSE"),
        ("a: [1", "E_PARSE"),
        ("a: b: c", "E_PARSE"),
        ("a: *nobody", "E_PARSE"),
        ("a: \0", "E_PARSE"),
        ("\0", "E_PARSE"),
        ('a: "\\ud800"', "E_PARSE"),
        ('a: "\\U00110000"', "E_PARSE"),
        ("a: @b", "E_PARSE"),
        (": a", "E_PARSE"),
        ("a: 1\na: 2", "E_DUP_KEY"),
        ("a: {b: 1, c: 2, b: 1}", "E_DUP_KEY"),
        ("a: yes", "E_YAML11"),
        ("a: no", "E_YAML11"),
        ("a: On", "E_YAML11"),
        ("a: OFF", "E_YAML11"),
        ("a: TRUE", "E_YAML11"),
        ("a: 22:22", "E_YAML11"),
        ("a: 1:30:00", "E_YAML11"),
        ("a: 0777", "E_YAML11"),
        ("a: 010", "E_YAML11"),
        ("a: 0x1F", "E_YAML11"),
        ("a: 0b11", "E_YAML11"),
        ("a: 1_000", "E_YAML11"),
        ("a: .5", "E_YAML11"),
        ("a: 5.", "E_YAML11"),
        ("a: 1.5e+3", "E_YAML11"),
        ("a: .nan", "E_YAML11"),
        ("a: .inf", "E_YAML11"),
        ("a: -.INF", "E_YAML11"),
        ("a: 2026-08-09", "E_YAML11"),
        ("a: 2026-08-09T21:05:48Z", "E_YAML11"),
        ("a: =", "E_YAML11"),
        ("a: " + "9" * 19, "E_YAML11"),
        ("a: " + "9" * 5_000, "E_YAML11"),
        ("1: a", "E_KEY"),
        ("1.5: a", "E_KEY"),
        ("on: a", "E_KEY"),
        ("no: a", "E_KEY"),
        ("~: a", "E_KEY"),
        ("2026-08-09: a", "E_KEY"),
        ("? [a, b]\n: c", "E_KEY"),
        ("? {a: b}\n: c", "E_KEY"),
        ("b: &x {c: 1}\n<<: *x", "E_KEY"),
        ("a: &a [*a]", "E_ANCHOR_CYCLE"),
        ("a: &a {b: {c: *a}}", "E_ANCHOR_CYCLE"),
        ("a: !!python/object:os.system {}", "E_TAG"),
        ("a: !!python/name:os.system ''", "E_TAG"),
        ("a: !!python/object/apply:os.system ['true']", "E_TAG"),
        ("a: !secret 5", "E_TAG"),
        ("a: !secret word", "E_TAG"),
        ("a: !!set {b}", "E_TAG"),
        ("a: !!omap [b: 1]", "E_TAG"),
        ("a: !!binary aGVsbG8=", "E_TAG"),
        ("!!python/tuple [1]", "E_TAG"),
    ],
)
def test_what_surprises_is_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize("word", ["yes", "010", "22:22", "2026-08-09", ".nan"])
def test_what_yaml_1_1_reads_otherwise_is_a_text_once_it_is_quoted(word: str) -> None:
    assert "expected quotes around" in told(f"a: {word}")
    assert parse(f"a: '{word}'", "f.yaml").data == {"a": word}


def test_a_long_number_is_not_told_in_full() -> None:
    assert len(told("a: " + "9" * 5_000)) < 200


# -- bounds


def test_a_large_file_is_not_even_looked_at() -> None:
    assert parse("a: " + "x" * (MAX_BYTES - 3), "f.yaml")
    assert codes("a: [" + " " * MAX_BYTES) == ["E_TOO_BIG"]
    assert codes("a: " + "\u20ac" * (MAX_BYTES // 3)) == ["E_TOO_BIG"]


def test_depth_is_bounded() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml")
    assert codes("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2)) == ["E_TOO_DEEP"]


@pytest.mark.parametrize("text", ["[" * 2_000 + "]" * 2_000, "[" * 200_000, "- " * 5_000 + "a", "{a: " * 5_000])
def test_a_file_that_is_nothing_but_depth_is_refused(text: str) -> None:
    assert codes(text) == ["E_PARSE"]


def test_an_alias_bomb_is_refused_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert codes("\n".join(lines)) == ["E_TOO_BIG"]


def test_many_aliases_of_much_are_refused_once() -> None:
    text = "a: &a [" + "x, " * 5_000 + "x]\nb: [" + "*a, " * 5_000 + "*a]"
    assert codes(text) == ["E_TOO_BIG"]


def test_as_many_values_as_are_allowed_are_read() -> None:
    assert len(parse("[" + "x, " * (MAX_NODES - 1) + "]", "f.yaml").data) == MAX_NODES - 1
    assert codes("[" + "x, " * MAX_NODES + "]") == ["E_TOO_BIG"]


# -- places


def test_every_fault_is_told_at_once_in_file_order() -> None:
    text = "b: on\na:\n  - c: 010\n    c: 1\n  - 22:22\n1: x\nd: !x 5\n"
    assert told(text).splitlines() == [
        "f.yaml:1:4 b: expected quotes around 'on', which YAML reads as bool [E_YAML11]",
        "f.yaml:3:8 a.0.c: expected quotes around '010', which YAML reads as int [E_YAML11]",
        "f.yaml:4:5 a.0.c: expected each key once, found it again [E_DUP_KEY]",
        "f.yaml:5:5 a.1: expected quotes around '22:22', which YAML reads as int [E_YAML11]",
        "f.yaml:6:1 1: expected a word as a key, found '1' [E_KEY]",
        "f.yaml:7:4 d: expected no tag, found !x [E_TAG]",
    ]


def test_keys_and_values_have_their_places() -> None:
    document = parse("a: 1\nb:\n  c: [x,\n    y]\n", "f.yaml")
    assert document.keys == {("a",): (1, 1), ("b",): (2, 1), ("b", "c"): (3, 3)}
    assert document.values == {
        (): (1, 1),
        ("a",): (1, 4),
        ("b",): (3, 3),
        ("b", "c"): (3, 6),
        ("b", "c", 0): (3, 7),
        ("b", "c", 1): (4, 5),
    }


def test_a_problem_stands_at_the_nearest_place_that_the_file_has() -> None:
    document = parse("a:\n  b: {c: 1}\n", "f.yaml")
    shown = [
        str(document.problem("E", "m", path, at_key=at_key))
        for path, at_key in [(("a", "b"), False), (("a", "b"), True), (("a", "b", "x", 3), False), (("z",), False)]
    ]
    assert shown == [
        "f.yaml:2:6 a.b: m [E]",
        "f.yaml:2:3 a.b: m [E]",
        "f.yaml:2:6 a.b.x.3: m [E]",
        "f.yaml:1:1 z: m [E]",
    ]


def test_what_an_alias_gives_stands_where_its_anchor_does() -> None:
    assert parse("a: &x {b: 1}\nc: *x", "f.yaml").values[("c", "b")] == (1, 11)


def test_a_syntax_error_stands_where_the_parser_met_it() -> None:
    assert told("a: 1\nb: [2\nc: 3\n").startswith("f.yaml:3:")


@pytest.mark.parametrize("text", ["\0", "a: \x07", "a: 1\n\tb", "a: b: c", "%YAML 9.9\n---\na"])
def test_whatever_is_wrong_is_told_in_one_line(text: str) -> None:
    assert len(told(text).splitlines()) == 1


def test_a_path_is_written_with_dots() -> None:
    assert dotted(("modes", "exchange", "children", 0, "class")) == "modes.exchange.children.0.class"
    assert dotted(()) == "(file)"
    assert str(Document("f").problem("E", "m", ())) == "f:1:1 (file): m [E]"


# -- any text

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abc onyes0123:.-_'\"#", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc.on1", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_json_is_read_as_what_it_says(data: object) -> None:
    assert parse(json.dumps(data), "f.yaml").data == data


@settings(max_examples=300)
@given(st.text("abc:-[]{}&*!?|>'\"%#\n \t,0129.~<=", max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    with suppress(ConfigurationError):
        parse(text, "f.yaml")
