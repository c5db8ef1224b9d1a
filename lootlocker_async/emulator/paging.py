"""Where a page stands in a list that is paged by position."""

from __future__ import annotations

from typing import TypedDict

import attrs

_LARGEST = 2**31 - 1


def _bounded(number: int) -> int:
    # The contract sets no upper bound, and the store counts in 64 bits.
    return min(number, _LARGEST)


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


class PagePagination(TypedDict):
    """The contract's schema of that name."""

    total: int
    offset: int
    per_page: int
    last_page: int
    current_page: int
    next_page: int | None
    prev_page: int | None
    errors: None


@attrs.frozen
class PageRequest:
    """The page that a call asks for, of a list that is paged by page number.

    Attributes:
        page: Which one, counted from 1.
        per_page: How many items a page has.
    """

    page: int = attrs.field(default=1, converter=_bounded)
    per_page: int = attrs.field(default=20, converter=_bounded)

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return (self.page - 1) * self.per_page

    def describe(self, total: int) -> PagePagination:
        """Describes the page.

        Args:
            total: How many items the list has.

        Returns:
            Where it stands among the others; a page beyond the last one is empty and has none after it.
        """
        last = max(1, -(-total // self.per_page))
        return {
            "total": total,
            "offset": self.offset,
            "per_page": self.per_page,
            "last_page": last,
            "current_page": self.page,
            "next_page": self.page + 1 if self.page < last else None,
            "prev_page": self.page - 1 if self.page > 1 else None,
            "errors": None,
        }
