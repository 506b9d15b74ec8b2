"""The commands that speak to a running process, as an operator types them beside a demo."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo import Demo
from tests.support.free_port import free_port
from tests.support.notices import title_of
from tests.support.processes import ROOT, get_json, livermore, nodes, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

FEED = "coinbase/writer/pipeline/exchange_feed"
EVALUATOR = "coinbase/writer/pipeline/alert_evaluator"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose tree file lies in its folder, to be edited."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(ROOT / "supervisors.yaml", folder)
    running = Demo("exchange", folder, API_PORT=str(free_port()))
    try:
        running.facts()
        yield running
    finally:
        running.end()


def tell(demo: Demo, *words: str) -> tuple[int, str, str]:
    """Type a command in the demo's folder."""
    answer = livermore(*words, folder=demo.folder)
    return answer.returncode, answer.stdout, answer.stderr


def node(demo: Demo, path: str) -> dict[str, object]:
    """A node of its tree."""
    tree = get_json(demo.facts()["metrics_url"].removesuffix("/metrics") + "/supervision/tree")[1]
    return next(one for one in nodes(tree) if one["path"] == path)


def edit(demo: Demo, old: str, new: str) -> str:
    """Another text for its tree file."""
    text = (demo.folder / "supervisors.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


def test_tree_shows_every_node_with_its_state(demo: Demo) -> None:
    code, shown, _ = tell(demo, "tree")
    assert code == 0
    assert re.search(r"^node +state +for +restarts +mailbox +busy +last error$", shown, re.MULTILINE)
    assert re.search(r"^      +exchange_feed +up +\d+ s", shown, re.MULTILINE)
    assert json.loads(tell(demo, "tree", "--json")[1])["path"] == "exchange"


def test_an_actor_that_is_broken_comes_back_and_the_tree_says_what_it_had(demo: Demo) -> None:
    before = node(demo, EVALUATOR)["generation"]
    code, said, _ = tell(demo, "break", EVALUATOR)
    assert (code, said.startswith(f"{EVALUATOR}: crash")) == (0, True)

    def healed() -> bool:
        now = node(demo, EVALUATOR)
        return now["generation"] == before + 1 and now["state"] == "up"

    until(healed, "a new incarnation", 10)
    assert node(demo, EVALUATOR)["last_error"] == "crash: broken on purpose"
    assert "crash: broken on purpose" in tell(demo, "tree")[1]


def test_breaking_is_refused_with_a_sentence_where_there_is_no_such_actor_or_no_demo(
    demo: Demo, tmp_path: Path
) -> None:
    code, _, complaint = tell(demo, "break", "nobody")
    assert (code, "no actor runs at 'nobody'" in complaint) == (69, True)
    elsewhere = livermore("break", FEED, folder=tmp_path)
    assert (elsewhere.returncode, "actors are broken nowhere else" in elsewhere.stderr) == (69, True)
    assert "Traceback" not in elsewhere.stderr


def test_a_plan_shows_what_an_edit_would_do_and_does_nothing(demo: Demo, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(
        edit(demo, "ticks_every: 250ms", "ticks_every: 300ms").replace("intensity: 10", "intensity: 11"),
        encoding="utf-8",
    )
    before = node(demo, FEED)["generation"]
    code, planned, _ = tell(demo, "plan", str(draft))
    assert code == 0
    assert planned.splitlines() == ["live coinbase/writer/pipeline (intensity)", f"restart {FEED} (args)"]
    assert node(demo, FEED)["generation"] == before
    assert tell(demo, "plan")[1] == "nothing differs\n"


def test_a_plan_of_a_bad_file_lists_what_is_wrong_with_it(demo: Demo, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(edit(demo, "ticks_every: 250ms", "ticks_every: 3"), encoding="utf-8")
    code, _, complaint = tell(demo, "plan", str(draft))
    assert code == 78
    assert "args.ticks_every: expected a duration with its unit" in complaint


def test_an_edit_is_applied_by_itself_once_it_is_saved_and_only_what_differs_is_restarted(demo: Demo) -> None:
    before = {path: node(demo, path)["generation"] for path in (FEED, EVALUATOR)}
    draft = demo.folder / "draft.yaml"
    draft.write_text(edit(demo, "ticks_every: 250ms", "ticks_every: 500ms"), encoding="utf-8")
    draft.rename(demo.folder / "supervisors.yaml")
    until(lambda: node(demo, FEED)["generation"] == before[FEED] + 1, "the feed to be started anew", 20)
    until(lambda: node(demo, FEED)["state"] == "up", "the feed to be up", 20)
    assert node(demo, EVALUATOR)["generation"] == before[EVALUATOR]
    assert node(demo, FEED)["restarts"]["reload"] == 1
    assert tell(demo, "reload")[1] == "nothing differs\n"


def test_commands_name_the_address_where_nobody_answers(tmp_path: Path) -> None:
    for words in (("tree",), ("reload",), ("plan", str(ROOT / "supervisors.yaml"))):
        answer = livermore(*words, "--url", "http://127.0.0.1:1", folder=tmp_path)
        assert answer.returncode == 69
        assert "nobody answers at http://127.0.0.1:1" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_a_test_reaches_the_webhook_and_says_so(demo: Demo) -> None:
    assert tell(demo, "alerts", "test") == (0, "discord: sent\n", "")
    posted = get_json(demo.facts()["webhook_url"])[1]
    assert "[test] TEST-USD above +150 on 1m" in map(title_of, posted)


def test_where_nothing_has_been_given_up_nothing_is_tried_again(demo: Demo) -> None:
    assert tell(demo, "alerts", "retry") == (0, "no notice has been given up\n", "")
    code, _, complaint = tell(demo, "alerts", "retry", "abc")
    assert (code, "no notice of the alert abc" in complaint) == (69, True)
    assert tell(demo, "alerts")[0] == 64
