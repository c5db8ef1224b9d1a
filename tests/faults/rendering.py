"""Renders the fault matrix into the docs: `python -m tests.faults.rendering` writes the page anew."""

from __future__ import annotations

from pathlib import Path

from tests.faults.calls import KINDS
from tests.faults.matrix import ANSWERED, LOADS, ROWS, Expected, Row

PAGE = Path(__file__).parents[2] / "docs" / "fault-matrix.md"
_HEAD = """# The fault matrix

What becomes of a call that meets each fault of the [emulator](emulator-faults.md), for the five kinds of call. The
rules behind it are in [What is sent again, and what isn't](sending-again.md). This page is rendered from
`tests/faults/matrix.yaml`; the tests play every cell, hold it to the emulator's record of what it received and
executed, and fail for a fault that has no cell.

A cell says how the call ends, and after the colon how often the emulator **received** it and how often it **executed**
it. **answered** is the answer of success. An `OutcomeUnknownError` says that nobody can tell whether the call was
executed; after any other error of an unsafe call it was not executed, except where the cell says *executed*, as the
error itself then does.

- The client has its defaults: 30 seconds for a call, 10 for an attempt of an idempotent one, four repeats.
- *once*: only the call's first attempt meets the fault; *always*: every attempt does.
- A paged read meets the fault at its second page; its first page counts as received and executed.
- Every cell holds for an idle client and for one whose connections are all taken by other calls ({bystanders} calls for
  {connections} connections){differing}.
- The other calls are answered, whatever happens to the one{exceptions}.

{rows} faults, {cells} cells.

"""
_FOOT = """
## Many calls at once

```console
python -m nox -s faults
```

plays each of these faults against 200 concurrent calls of each kind, with a seeded chance for every attempt, and holds
each single call to the record by the request ids of its attempts: no unsafe call is executed twice, whatever a call
believes of itself is true, and no idempotent call is lost that may be sent again (a 400, an answer that makes no sense
and a 401 of a token that no call was answered with end it). `FAULT_ROUNDS` says how many rounds there are, each with
another seed. The clock of its event loop jumps over the waits.
"""


def _shown(expected: Expected) -> str:
    outcome, _, more = expected.outcome.partition(", ")
    name = outcome if outcome[0].islower() else f"`{outcome}`"
    received = f"{expected.received} to {expected.most}" if expected.most else expected.received
    return f"{name}{f', *{more}*' if more else ''}: {received}, {expected.executed}"


def _cell(row: Row, call: str) -> str:
    idle, loaded = (_shown(row.cells[load][call]) for load in LOADS)
    return idle if idle == loaded else f"{idle}<br>loaded: {loaded}"


def _met(row: Row) -> str:
    return "once" if row.once else "always"


def _exceptions() -> str:
    found: list[str] = []
    for row in ROWS:
        errors = [f"`{it}`" for it in row.bystanders if it != ANSWERED]
        if errors:
            found.append(f"{row.name}, {_met(row)} ({' or '.join(errors)})")
    return f", except that some fail under these faults: {'; '.join(found)}" if found else ""


def render() -> str:
    """The whole page."""
    from tests.faults.playing import BYSTANDERS, CALLS_OF_EACH, CONNECTIONS

    lines = [
        f"| Fault | Met | {' | '.join(name.capitalize() for name in KINDS)} |",
        "| --- | --- |" + " --- |" * len(KINDS),
    ]
    for row in ROWS:
        cells = " | ".join(_cell(row, call) for call in KINDS)
        lines.append(f"| `{row.kind.value}`: {row.name} | {_met(row)} | {cells} |")
    differs = any(row.cells["idle"] != row.cells["loaded"] for row in ROWS)
    head = _HEAD.format(
        bystanders=BYSTANDERS * CALLS_OF_EACH,
        connections=CONNECTIONS,
        differing="; where they differ, the cell gives both" if differs else "",
        exceptions=_exceptions(),
        rows=len(ROWS),
        cells=len(ROWS) * len(KINDS) * len(LOADS),
    )
    return head + "\n".join(lines) + "\n" + _FOOT


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
