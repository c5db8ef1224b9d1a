"""Pages of scores, as the service would send them."""

from __future__ import annotations

import functools
from typing import Any, Final

import orjson

PAGE: Final = 2000
_ODD_EVERY: Final = 100


def page(*, odd: bool = False) -> bytes:
    """A page of 2,000 scores; one member's id in a hundred is a number where text is due."""
    return _page(
        orjson.dumps([_score(index, odd=odd and index % _ODD_EVERY == _ODD_EVERY // 2) for index in range(PAGE)])
    )


def page_at(total: int, after: int, count: int) -> bytes:
    """A page of a long list. Its scores are always the same: a server that makes new ones would be the slower side."""
    left = max(0, min(count, total - after))
    following = after + left
    return _page(_scores(left), total, following if following < total else None)


def _page(items: bytes, total: int = 20_000, following: int | None = PAGE) -> bytes:
    head = orjson.dumps({"total": total, "next_cursor": following, "previous_cursor": None})
    return b'{"pagination":%b,"items":%b}' % (head, items)


@functools.lru_cache
def _scores(count: int) -> bytes:
    return orjson.dumps([_score(index) for index in range(count)])


def _score(index: int, *, odd: bool = False) -> dict[str, Any]:
    number = 1_000_000 + 7 * index
    return {
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
