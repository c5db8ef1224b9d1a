"""What it takes to make models of a page of 2,000 scores."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import attrs
import orjson
from cattrs.preconf.orjson import make_converter

from benchmarks import harness
from lootlocker_async.core import serde
from lootlocker_async.models.leaderboards import LeaderboardScorePage

_ITEMS: Final = 2000
_ODD_EVERY: Final = 100


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


def page(*, odd_every: int = 0) -> bytes:
    """A page of scores; every so many'th member's id is a number where text is due."""
    items: list[dict[str, Any]] = []
    for index in range(_ITEMS):
        number = 1_000_000 + 7 * index
        odd = odd_every and index % odd_every == odd_every // 2
        items.append(
            {
                "member_id": number if odd else str(number),
                "rank": index + 1,
                "score": 5_000_000 - 31 * index,
                "player": {
                    "id": number,
                    "public_uid": f"R{number:07X}",
                    "name": f"Player {number}",
                    "ulid": f"01GZAWEBJZ7QXSTWT2{number:08d}",
                },
                "metadata": f"level={index % 50};hero={index % 7}",
            }
        )
    return orjson.dumps(
        {"pagination": {"total": 20_000, "next_cursor": _ITEMS, "previous_cursor": None}, "items": items}
    )


def clean(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    body = page()
    return _measure(lambda: serde.decode(body, LeaderboardScorePage), lambda: orjson.loads(body), quick=quick)


def cattrs(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    body = page()
    converter = make_converter(detailed_validation=False)
    return _measure(
        lambda: serde.decode(body, LeaderboardScorePage), lambda: converter.loads(body, PlainPage), quick=quick
    )


def odd(quick: bool) -> harness.Result:  # noqa: FBT001  (every row takes it)
    body, odd_body = page(), page(odd_every=_ODD_EVERY)
    assert serde.decode(odd_body, LeaderboardScorePage) == serde.decode(body, LeaderboardScorePage)
    return _measure(
        lambda: serde.decode(odd_body, LeaderboardScorePage),
        lambda: serde.decode(body, LeaderboardScorePage),
        quick=quick,
    )


def _measure(ours: Callable[[], object], baseline: Callable[[], object], *, quick: bool) -> harness.Result:
    rounds, repeats = (4, 5) if quick else (40, 20)
    harness.pin(0)
    return harness.in_turns(_round(ours, repeats), _round(baseline, repeats), rounds)


def _round(work: Callable[[], object], repeats: int) -> harness.Measure:
    def measure() -> float:
        began = time.process_time()
        for _ in range(repeats):
            work()
        return (time.process_time() - began) / repeats

    return measure


ROWS = (
    harness.Row(
        "decode-clean", "page of 2,000 scores into models vs orjson into dicts", harness.Goal("at most", 1.15), clean
    ),
    harness.Row(
        "decode-cattrs", "the same vs cattrs over orjson into attrs classes", harness.Goal("at least", 5), cattrs
    ),
    harness.Row("decode-odd", "page with 1 % odd items vs the clean page", harness.Goal("at most", 1.6), odd),
)
