"""What a call costs as the number in flight grows: from 1 to 2,048 at a time, each over a connection of its own.

A call on its way is some 50 objects that Python's collector looks at, by hand and with the SDK alike. With its own
threshold of 700 it comes again and again to find that thousands of calls are all still there, so it is set as
docs/benchmarks.md advises for so many; what it costs without that stands beside.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import time
from typing import Final

from benchmarks import harness, peers, throughput

_WIDTHS: Final = (1, 32, 256, 2_048)
_CALLS: Final = 4_096
_MANY: Final = 50_000
"""The collector's threshold for so many calls."""
_UNTOUCHED: Final = "2,048 in flight with Python's own threshold"


def _side(width: int) -> str:
    return f"{width:,} in flight"


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, calls, widest = (1, 512, 256) if quick else (5, _CALLS, max(_WIDTHS))
    harness.allow_many_sockets()
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(harness.canned_server())
        harness.pin(0)
        # Each width has a client of its own, whose connections are open before the first round that counts.
        places = {width: stack.enter_context(peers.Workplace(harness.OURS, base, width)) for width in _WIDTHS}
        sides = {_side(width): _round(places[width], min(width, widest), calls, _MANY) for width in _WIDTHS}
        many = max(_WIDTHS)
        sides[_UNTOUCHED] = _round(places[many], min(many, widest), calls, gc.get_threshold()[0])
        return harness.in_turns(sides, rounds)


def _round(place: peers.Workplace, width: int, calls: int, threshold: int) -> harness.Measure:
    numbers = itertools.count(1)

    def measured() -> float:
        before = gc.get_threshold()
        gc.set_threshold(threshold, *before[1:])
        began = time.process_time()
        try:
            place.run(throughput.many(place.peer, itertools.islice(numbers, calls), width))
            return (time.process_time() - began) / calls
        finally:
            gc.set_threshold(*before)

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
                beside=(_UNTOUCHED,) if width == max(_WIDTHS) else (),
            )
            for width, most in ((32, 1.0), (256, 1.1), (2_048, 1.3))
        ),
    ),
)
