"""Where a page stands in its list."""

from __future__ import annotations

from lootlocker_async.models.base import model


@model
class IndexPagination:
    """Where a page stands in a list that is paged by position.

    Attributes:
        total: How many items there are over all pages.
        next_cursor: Where the next page begins; None or 0 on the last one.
        previous_cursor: Where the page before begins; None or 0 on the first one.
    """

    total: int
    next_cursor: int | None = None
    previous_cursor: int | None = None
