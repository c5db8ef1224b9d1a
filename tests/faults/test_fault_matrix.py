"""Every cell of the fault matrix, once; the table itself; and the page that is rendered from it."""

from __future__ import annotations

import itertools

import pytest

from lootlocker_async.emulator.faults import FaultKind
from tests.faults import matrix
from tests.faults.calls import KINDS
from tests.faults.matrix import ANSWERED, LOADS, ROWS, Row
from tests.faults.playing import BYSTANDERS, CALLS_OF_EACH, play
from tests.faults.rendering import PAGE, render

CELLS = [
    pytest.param(row, call, load, id=f"{row.kind.value}-{row.name}-{'once' if row.once else 'always'}-{call}-{load}")
    for row, call, load in matrix.cells()
]


@pytest.mark.parametrize(("row", "call", "load"), CELLS)
def test_a_cell_holds(row: Row, call: str, load: str) -> None:
    seen = play(row, call, load)
    assert row.cells[load][call].fits(seen.call), seen.call
    assert seen.faults
    assert set(seen.bystanders) <= set(row.bystanders)
    assert seen.bystanders.total() == (BYSTANDERS * CALLS_OF_EACH if load == "loaded" else 0)


def test_the_table_has_a_cell_for_every_fault_call_and_load() -> None:
    written = {(row.kind, call, load) for row, call, load in matrix.cells()}
    missing = set(itertools.product(FaultKind, KINDS, LOADS)) - written
    assert not missing, "write down in tests/faults/matrix.yaml what is expected"
    for row in ROWS:
        assert {load: set(calls) for load, calls in row.cells.items()} == {load: set(KINDS) for load in LOADS}
    names = [(row.name, row.once) for row in ROWS]
    assert len(set(names)) == len(names)


def test_the_table_promises_nothing_that_must_not_be() -> None:
    for row, call, load in matrix.cells():
        expected, idempotent = row.cells[load][call], KINDS[call].idempotent
        where = (row.name, call, load, expected)
        if not idempotent:
            assert expected.executed <= 1, where
            assert expected.executed == 1 or expected.outcome != ANSWERED, where
            assert expected.executed == (expected.outcome == ANSWERED or "executed" in expected.outcome) or (
                expected.outcome == "OutcomeUnknownError"
            ), where
        else:
            assert expected.outcome != "OutcomeUnknownError", where
            lost = row.once and expected.outcome != ANSWERED
            # What cannot be answered in time: no repeat helps, or nobody listens.
            assert not lost or "executed" in expected.outcome or row.settings.get("seconds", 0) >= 60, where


def test_the_page_in_the_docs_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python -m tests.faults.rendering`"
