"""What a call costs as the number in flight grows: from 1 to 2,048 at a time, each over a connection of its own."""

from __future__ import annotations

import contextlib
import itertools
import time
from typing import Final

from benchmarks import harness, peers, throughput

_WIDTHS: Final = (1, 32, 256, 2_048)
_CALLS: Final = 4_096


def _side(width: int) -> str:
    return f"{width:,} in flight"


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, calls, widest = (1, 512, 256) if quick else (5, _CALLS, max(_WIDTHS))
    harness.allow_many_sockets()
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(harness.canned_server())
        harness.pin(0)
        # Each width has a client of its own, whose connections are open before the first round that counts.
        return harness.in_turns(
            {
                _side(width): _round(
                    stack.enter_context(peers.Workplace(harness.OURS, base, width)), min(width, widest), calls
                )
                for width in _WIDTHS
            },
            rounds,
        )


def _round(place: peers.Workplace, width: int, calls: int) -> harness.Measure:
    numbers = itertools.count(1)

    def measured() -> float:
        began = time.process_time()
        place.run(throughput.many(place.peer, itertools.islice(numbers, calls), width))
        return (time.process_time() - began) / calls

    return measured


EXPERIMENTS = (
    harness.Experiment(
        measure,
        tuple(
            harness.Row(
                f"in-flight-{width}",
                f"CPU of a call with {_side(width)}, against one after the other",
                harness.Goal("at most", most),
                _side(1),
                ours=_side(width),
            )
            for width, most in ((32, 1.0), (256, 1.1), (2_048, 1.3))
        ),
    ),
)
