"""Where a page stands in its list."""

from __future__ import annotations

from lootlocker_async.models.base import Seq, Soft, model, soft


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


@model
class KeyPagination:
    """Where a page stands in a list that is paged by key.

    Attributes:
        total: How many items there are over all pages.
        next_cursor: The key after which the next page begins; None or empty on the last one.
        previous_cursor: The key after which the page before begins; None or empty on the first one.
    """

    total: int
    next_cursor: str | None = None
    previous_cursor: str | None = None


@model
class PaginationError:
    """What the service had against one of the paging parameters.

    Attributes:
        field: The parameter.
        message: What is wrong with it.
    """

    field: Soft[str] = soft(default="")
    message: Soft[str] = soft(default="")


@model
class PagePagination:
    """Where a page stands in a list that is paged by number.

    Attributes:
        total: How many items there are over all pages.
        offset: How many items come before the page.
        per_page: How many items a page has.
        last_page: The number of the last page.
        current_page: The number of this page.
        next_page: The number of the next page; None on the last one.
        prev_page: The number of the page before; None on the first one.
        errors: What the service had against the paging parameters.
    """

    total: int
    offset: Soft[int] = soft(default=0)
    per_page: Soft[int] = soft(default=0)
    last_page: Soft[int] = soft(default=0)
    current_page: Soft[int] = soft(default=0)
    next_page: int | None = None
    prev_page: int | None = None
    errors: Seq[PaginationError] = ()
