"""The table of the fault matrix: what is expected of each cell, as it is written down in matrix.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import yaml

from lootlocker_async.emulator import Fault
from lootlocker_async.emulator.faults import FaultKind

TABLE = Path(__file__).with_name("matrix.yaml")
LOADS = ("idle", "loaded")
ANSWERED = "answered"


@attrs.frozen
class Expected:
    """What becomes of a call.

    Attributes:
        outcome: `answered`, or the name of the error; with `, executed` where the error says that it was.
        received: How often the emulator received it. The first page of a paged read counts.
        executed: How often it carried it out.
        most: How often the emulator received it at most, where that depends on what other calls do meanwhile.
    """

    outcome: str
    received: int
    executed: int
    most: int | None = None

    def fits(self, seen: Expected) -> bool:
        """Whether a call became what is expected."""
        if (seen.outcome, seen.executed) != (self.outcome, self.executed):
            return False
        return self.received <= seen.received <= (self.most or self.received)


@attrs.frozen(eq=False)
class Row:
    """A fault with the cells of all calls and loads.

    Attributes:
        name: What happens.
        kind: The emulator's fault.
        settings: Its settings.
        once: Whether only the first attempt meets it.
        bystanders: What may become of the calls of other operations that load the client.
        cells: What is expected, by load and kind of call.
    """

    name: str
    kind: FaultKind
    settings: dict[str, Any]
    once: bool
    bystanders: tuple[str, ...]
    cells: dict[str, dict[str, Expected]]

    def fault(self, operation: str, *, probability: float | None = None) -> Fault:
        """The fault for an operation: as the table says, or with a probability for each call."""
        if probability is not None:
            return Fault(kind=self.kind, match=operation, probability=probability, **self.settings)
        return Fault(kind=self.kind, match=operation, times=1 if self.once else None, **self.settings)


def _row(plain: dict[str, Any]) -> Row:
    return Row(
        name=plain["fault"],
        kind=FaultKind(plain["kind"]),
        settings=plain.get("with", {}),
        once=plain["meets"] == "once",
        bystanders=tuple(plain.get("bystanders", [ANSWERED])),
        cells={
            load: {call: Expected(*cell) for call, cell in plain.get(load, {}).items()}
            for load in LOADS
        },
    )  # fmt: skip


def load_rows() -> list[Row]:
    """The rows of the table."""
    return [_row(plain) for plain in yaml.safe_load(TABLE.read_text(encoding="utf-8"))]


ROWS = load_rows()


def cells() -> Iterator[tuple[Row, str, str]]:
    """Every cell: its row, its call and its load."""
    for row in ROWS:
        for load, calls in row.cells.items():
            for call in calls:
                yield row, call, load
