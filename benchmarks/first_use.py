"""What a section's first use takes, and what `preload` leaves of it.

A section is loaded when it's first touched, and the decoder of a model is built for the first answer that it reads. So
in a fresh interpreter that has imported the package, a section is touched, and a decoder is built for every model that
its service names: more than any one call would ask for.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from benchmarks import harness
from lootlocker_async.client import SECTIONS

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


def first_use(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    """The largest section's first use, beside the import of the package in the same interpreter."""
    with harness.compiled() as environment:
        harness.pin(0)
        _run(",".join(SECTIONS), environment)  # compiles them
        rounds = [{it: _run(it, environment) for it in SECTIONS} for _ in range(1 if quick else 9)]
    medians = {it: statistics.median(round_[it][it] for round_ in rounds) for it in SECTIONS}
    largest = max(medians, key=lambda section: medians[section])
    for section, seconds in sorted(medians.items(), key=lambda pair: -pair[1]):
        _tell(section, seconds)
    return harness.Result(
        harness.Sample(tuple(round_[largest][largest] for round_ in rounds)),
        harness.Sample(tuple(round_[largest]["import"] for round_ in rounds)),
    )


def preloaded(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    """The largest section's first use after `preload(login=False)`, beside what that took."""
    with harness.compiled() as environment:
        harness.pin(0)
        _run(",".join(SECTIONS), environment, "preload")  # compiles them
        rounds = [_run(",".join(SECTIONS), environment, "preload") for _ in range(3 if quick else 9)]
    return harness.Result(
        harness.Sample(tuple(max(round_[it] for it in SECTIONS) for round_ in rounds)),
        harness.Sample(tuple(round_["preload"] for round_ in rounds)),
    )


def _run(sections: str, environment: Mapping[str, str], *flags: str) -> dict[str, float]:
    """The seconds that an interpreter took for its import, for preloading where asked to, and for each section."""
    command = harness.python("-c", _USES, sections, *flags)
    done = subprocess.run(command, cwd=harness.ROOT, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _tell(section: str, seconds: float) -> None:
    print(f"    {section}: {seconds * 1e3:.1f} ms", file=sys.stderr, flush=True)


ROWS = (
    harness.Row(
        "first-use",
        "the largest section's first use, beside importing the package",
        harness.Goal("at most", 60, "ms"),
        first_use,
    ),
    harness.Row(
        "first-use-preloaded",
        "the same after preload(login=False), beside what that took",
        harness.Goal("at most", 1, "ms"),
        preloaded,
    ),
)
