"""What catalogs sell."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Unpack

from lootlocker_async import routes
from lootlocker_async.core import serde
from lootlocker_async.core.batches import by_count, in_parts
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.catalogs import (
    CatalogEntry,
    CatalogItemList,
    CatalogItemsByIdRequest,
    CatalogItemsIncludes,
    CatalogPage,
)

__all__ = ["CatalogsService"]

_MOST_IDS = 100


class CatalogsService(Service):
    """Catalogs: what they sell, with prices and details.

    What is listed knows its details: `entry.details`, or by their kind `entry.asset_detail`, `currency_detail`,
    `progression_point_detail`, `progression_reset_detail` and `group_detail`, whose `associations` know theirs.
    """

    def list_items_by_key(self, catalog_key: str, **paging: Unpack[PageOptions]) -> Paginator[CatalogEntry]:
        """List what a catalog sells, with prices and details.

        Args:
            catalog_key: The catalog's key.
            **paging: `page_size` (from 1, 50 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of entries, each with its details. The catalog itself is in `answer.catalog` of each page.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such catalog (raised by the walk).
            CallError: A page could not be had otherwise (raised by the walk).

        Retried: yes, it only reads.

        GET /catalogs/inspired-ibex/v1/key/{catalog_key}/prices
        """
        return self._caller.pages(
            routes.CATALOGS_LIST_ITEMS_BY_KEY, (catalog_key,), CatalogPage, CatalogEntry, paging=paging
        )

    async def list_items_by_id(
        self, *, ids: Sequence[str], includes: CatalogItemsIncludes | Mapping[str, Any] | None = None
    ) -> CatalogItemList:
        """Get catalog items by listing id, out of any catalog, each with its details and optionally its metadata.

        Args:
            ids: The ids of listings (`catalog_listing_id`), at least one; any number, of which 100 go into a request.
            includes: What to put into the items besides their details, such as `{"metadata": {"all": True}}`; nothing
                by default.

        Returns:
            The items that were found and, as `errors`, the ids that led to none; of several requests in the order of
            the ids that each asked for.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            BatchError: One of several requests failed; it holds what the others answered.
            CallError: The call failed.

        Retried: yes, it only reads.

        POST /catalogs/inspired-ibex/v1/catalog/items
        """

        def send(part: Sequence[str]) -> Coroutine[Any, Any, CatalogItemList]:
            return self._caller.call(
                routes.CATALOGS_LIST_ITEMS_BY_ID,
                (),
                CatalogItemList,
                fields={"ids": part, "includes": includes},
                request=CatalogItemsByIdRequest,
            )

        # The whole is checked at once: a later part must not be refused after the first went out.
        serde.encode({"ids": ids, "includes": includes}, CatalogItemsByIdRequest)
        return await in_parts(by_count(tuple(ids), _MOST_IDS), send, _merged)


def _merged(answers: Sequence[CatalogItemList]) -> CatalogItemList:
    return CatalogItemList(
        items=tuple(item for answer in answers for item in answer.items),
        errors=tuple(error for answer in answers for error in answer.errors),
    )
