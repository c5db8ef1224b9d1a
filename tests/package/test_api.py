"""The public API is what was written down, and what breaks it is seen."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.package import api

BREAKS = {
    "bulk/sources.py": [("async def read_ids(", "async def read_the_ids("), ('"read_ids"', '"read_the_ids"')],
    "bulk/__init__.py": [("chunks, read_ids", "chunks, read_the_ids"), ('"read_ids"', '"read_the_ids"')],
    "services/leaderboards.py": [("member_id: str, score: int", "member: str, score: int")],
    "config.py": [("timeout: float = 30.0", "timeout: float = 31.0")],
}
LEFT_OVER = """

def added_later() -> None:
    \"\"\"Nobody calls it yet.\"\"\"
"""


def test_nothing_public_has_gone_or_changed() -> None:
    assert api.problems() == ""


def test_what_breaks_callers_is_told_and_what_is_new_is_not(tmp_path: Path) -> None:
    leave_out = shutil.ignore_patterns("__pycache__", "*.gz", "page")
    for part in (api.PACKAGE, "docs/reference"):
        shutil.copytree(api.ROOT / part, tmp_path / part, ignore=leave_out)
    shutil.copy(api.ROOT / f"{api.PLUGIN}.py", tmp_path)
    for name, edits in BREAKS.items():
        file = tmp_path / api.PACKAGE / name
        text = file.read_text("utf-8")
        for before, after in edits:
            assert before in text
            text = text.replace(before, after)
        file.write_text(text, "utf-8")
    grown = tmp_path / api.PACKAGE / "models" / "characters.py"
    grown.write_text(grown.read_text("utf-8") + LEFT_OVER, "utf-8")

    told = api.problems(tmp_path)
    assert "removed: lootlocker_async.bulk.read_ids " in told
    submit = "lootlocker_async.services.leaderboards.LeaderboardsService.submit_score"
    assert f"removed: {submit}(member_id) (it was: keyword-only, str required)" in told
    assert f"a new argument that must be given: {submit}(member): keyword-only, str required" in told
    assert "changed: lootlocker_async.ClientConfig.timeout\n    was: float = 30.0\n    is:  float = 31.0" in told
    gone = told.count("removed: lootlocker_async.bulk.read_ids")
    assert told.count("\n- ") == 3 + gone
    assert "nox -s api -- --write" in told
    assert "added_later" not in told


def test_a_release_has_its_snapshot(tmp_path: Path) -> None:
    old = tmp_path / "api.txt"
    text = api.SNAPSHOT.read_text("utf-8")
    old.write_text(text.replace(f"version: {api.version(api.ROOT)}\n", "version: 0.0.1\n"), "utf-8")
    assert "The snapshot is of version 0.0.1" in api.problems(snapshot=old)
