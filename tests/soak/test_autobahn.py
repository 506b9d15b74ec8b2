"""Every Autobahn case with compression: 216 of a thousand messages each."""

from pathlib import Path

import pytest

from tests.support.autobahn import Compressing, run


@pytest.mark.timeout(3600)
def test_every_case_with_compression_is_passed_by_one_who_agrees_to_it(tmp_path: Path) -> None:
    seen = run(Compressing, ["12.*", "13.*"], tmp_path, patience=3500)
    assert {(one["behavior"], one["behaviorClose"]) for one in seen.values()} == {("OK", "OK")}
    assert len(seen) == 216
