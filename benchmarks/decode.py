"""What it takes to make models of a page of 2,000 scores."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import attrs
import msgspec
import orjson
from cattrs.preconf.orjson import make_converter

from benchmarks import harness, scores
from benchmarks.pydantic_models import ScorePage
from lootlocker_async.core import serde
from lootlocker_async.models.leaderboards import LeaderboardScorePage

_ORJSON: Final = "orjson into dicts"
_CATTRS: Final = "cattrs over orjson into attrs"
_STRUCT: Final = "msgspec.Struct (floor)"
_PYDANTIC: Final = "pydantic"
_ODD: Final = "lootlocker-async, 1 % odd items"


@attrs.frozen(kw_only=True)
class PlainPagination:
    """What one would write for cattrs: the contract's fields and types, with nothing of ours in them."""

    total: int
    next_cursor: int | None = None
    previous_cursor: int | None = None


@attrs.frozen(kw_only=True)
class PlainPlayer:
    """Likewise."""

    id: int
    public_uid: str | None = None
    name: str | None = None
    ulid: str | None = None


@attrs.frozen(kw_only=True)
class PlainScore:
    """Likewise."""

    member_id: str
    rank: int
    score: int
    player: PlainPlayer | None = None
    metadata: str | None = None


@attrs.frozen(kw_only=True)
class PlainPage:
    """Likewise."""

    pagination: PlainPagination
    items: tuple[PlainScore, ...]


class StructPagination(msgspec.Struct):
    """The same for msgspec alone: no attrs, no drift, nothing put in the place of null."""

    total: int
    next_cursor: int | None = None
    previous_cursor: int | None = None


class StructPlayer(msgspec.Struct):
    """Likewise."""

    id: int
    public_uid: str | None = None
    name: str | None = None
    ulid: str | None = None


class StructScore(msgspec.Struct):
    """Likewise."""

    member_id: str
    rank: int
    score: int
    player: StructPlayer | None = None
    metadata: str | None = None


class StructPage(msgspec.Struct):
    """Likewise."""

    pagination: StructPagination
    items: tuple[StructScore, ...]


def measure(quick: bool) -> harness.Found:  # noqa: FBT001  (every experiment takes it)
    rounds, repeats, every = (3, 3, 3) if quick else (40, 15, 5)
    body, odd_body = scores.page(), scores.page(odd=True)
    assert serde.decode(odd_body, LeaderboardScorePage) == serde.decode(body, LeaderboardScorePage)
    converter = make_converter(detailed_validation=False)
    struct = msgspec.json.Decoder(StructPage)
    harness.pin(0)
    return harness.in_turns(
        {
            harness.OURS: _round(lambda: serde.decode(body, LeaderboardScorePage), repeats),
            _ORJSON: _round(lambda: orjson.loads(body), repeats),
            _ODD: _round(lambda: serde.decode(odd_body, LeaderboardScorePage), repeats),
        },
        rounds,
        seldom={
            _STRUCT: _round(lambda: struct.decode(body), repeats),
            _CATTRS: _round(lambda: converter.loads(body, PlainPage), repeats),
            _PYDANTIC: _round(lambda: ScorePage.model_validate_json(body), repeats),
        },
        every=every,
    )


def _round(work: Callable[[], object], repeats: int) -> harness.Measure:
    def measure() -> float:
        began = time.process_time()
        for _ in range(repeats):
            work()
        return (time.process_time() - began) / repeats

    return measure


EXPERIMENTS = (
    harness.Experiment(
        measure,
        (
            harness.Row(
                "decode-clean",
                "a page of 2,000 scores into models, against orjson into dicts",
                harness.Goal("at most", 1.15),
                _ORJSON,
                beside=(_STRUCT, _PYDANTIC, _CATTRS),
            ),
            harness.Row(
                "decode-cattrs",
                "the same, against cattrs over orjson into attrs classes",
                harness.Goal("at least", 5),
                _CATTRS,
            ),
            harness.Row(
                "decode-odd",
                "a page with 1 % odd items, against the clean page",
                harness.Goal("at most", 1.6),
                harness.OURS,
                ours=_ODD,
            ),
        ),
        processes=5,
    ),
)
