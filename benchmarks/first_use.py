"""What a section's first use takes, and what `preload` leaves of it.

A section is loaded when it's first touched, and the decoder of a model is built for the first answer that it reads. So
in a fresh interpreter that has imported the package, a section is touched, and a decoder is built for every model that
its service names: more than any one call would ask for.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Final

from benchmarks import harness
from lootlocker_async.client import SECTIONS

_IMPORT: Final = "importing the package"
_PRELOADED: Final = "lootlocker-async, preloaded"
_PRELOAD: Final = "preload(login=False)"
_LIKELY: Final = ("catalogs", "leaderboards")
_USES: Final = """
import asyncio, json, sys, time

now = time.process_time
began = now()
import lootlocker_async
found = {"import": now() - began}

import attrs
from lootlocker_async.core import serde

client = lootlocker_async.LootLockerClient("key")


async def preload():
    began = now()
    await client.preload(login=False)
    found["preload"] = now() - began


def models(service):
    # A service's methods may stand in several modules, and none of those names a model that the section has no use for.
    homes = [vars(sys.modules[kind.__module__]).values() for kind in type(service).__mro__[:-1]]
    return {it for home in homes for it in home if isinstance(it, type) and attrs.has(it)}


if "preload" in sys.argv:
    asyncio.run(preload())
for section in sys.argv[1].split(","):
    began = now()
    for model in models(getattr(client, section)):
        serde.decoder(model)
    found[section] = now() - began
print(json.dumps(found))
"""


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    """The largest section's first use, with and without preloading."""
    with harness.compiled() as environment:
        harness.pin(0)
        whole = _run(",".join(SECTIONS), environment, "preload")  # compiles them
        # In an interpreter of its own each section pays for what sections share; which is the largest doesn't change.
        once = {it: _run(it, environment)[it] for it in (_LIKELY if quick else SECTIONS)}
        largest = max(once, key=lambda section: once[section])
        bare = [_run(largest, environment) for _ in range(1 if quick else 15)]
        loaded = [whole, *(_run(",".join(SECTIONS), environment, "preload") for _ in range(0 if quick else 10))]
    return {
        harness.OURS: harness.Sample(tuple(it[largest] for it in bare)),
        _IMPORT: harness.Sample(tuple(it["import"] for it in bare)),
        _PRELOADED: harness.Sample(tuple(max(it[section] for section in SECTIONS) for it in loaded)),
        _PRELOAD: harness.Sample(tuple(it["preload"] for it in loaded)),
    }


def _run(sections: str, environment: Mapping[str, str], *flags: str) -> dict[str, float]:
    """The seconds that an interpreter took for its import, for preloading where asked to, and for each section."""
    command = harness.python("-c", _USES, sections, *flags)
    done = subprocess.run(command, cwd=harness.ROOT, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "first-use",
                "the largest section's first use, beside importing the package",
                harness.Goal("at most", 60, "ms"),
                _IMPORT,
            ),
            harness.Row(
                "first-use-preloaded",
                "the same after `preload(login=False)`, beside what that took",
                harness.Goal("at most", 1, "ms"),
                _PRELOAD,
                ours=_PRELOADED,
            ),
        ),
    ),
)
