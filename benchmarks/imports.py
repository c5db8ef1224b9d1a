"""What `import lootlocker_async` takes in a fresh interpreter; both sides find their modules compiled."""

from __future__ import annotations

import subprocess
from typing import Final

from benchmarks import harness

_AIOHTTP: Final = "aiohttp alone"
_TIMED: Final = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    harness.pin(0)
    with harness.compiled() as environment:
        ours, baseline = _import("lootlocker_async", environment), _import("aiohttp", environment)
        ours()  # compiles both
        return harness.in_turns({harness.OURS: ours, _AIOHTTP: baseline}, 1 if quick else 11)


def _import(module: str, environment: dict[str, str]) -> harness.Measure:
    command = harness.python("-c", _TIMED.format(module))

    def measure() -> float:
        done = subprocess.run(command, cwd=harness.ROOT, env=environment, check=True, capture_output=True, text=True)
        return float(done.stdout)

    return measure


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "import",
                "`import lootlocker_async`, against `import aiohttp` alone",
                harness.Goal("at most", 1.12),
                _AIOHTTP,
            ),
        ),
        processes=3,
    ),
)
