"""Where a page stands in a list that is paged by position."""

from __future__ import annotations

from typing import TypedDict


class Pagination(TypedDict):
    """The contract's `IndexPagination`."""

    total: int
    next_cursor: int | None
    previous_cursor: int | None


def pagination(total: int, after: int, count: int, shown: int) -> Pagination:
    """Describes a page.

    Args:
        total: How many items the list has.
        after: How many of them were skipped.
        count: How many were asked for.
        shown: How many the page has.

    Returns:
        The cursors of the pages around it, null where there is none.
    """
    end = after + shown
    return {
        "total": total,
        "next_cursor": end if shown and end < total else None,
        "previous_cursor": max(0, after - count) if after else None,
    }
