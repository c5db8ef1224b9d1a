"""The game's assets and the contexts that sort them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from lootlocker_async import routes
from lootlocker_async.core import serde
from lootlocker_async.core.batches import by_count
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.assets import Asset, AssetPage
from lootlocker_async.models.base import model
from lootlocker_async.models.constraints import IdOrZero
from lootlocker_async.models.simple_assets import (
    AssetContext,
    AssetContextPage,
    SimpleAsset,
    SimpleAssetExcludes,
    SimpleAssetFilters,
    SimpleAssetIncludes,
    SimpleAssetListRequest,
    SimpleAssetPage,
)

__all__ = ["AssetsService"]

_MOST_IDS = 100
"""The `filters.asset_ids` of one request; the service refuses more."""


@model
class _ListQuery:
    context_id: IdOrZero | None = None
    include_ugc: bool | None = None


class AssetsService(Service):
    """Assets: list them in full or in a short form, and list the contexts that sort them."""

    def list(
        self, *, context_id: int | None = None, include_ugc: bool | None = None, **paging: Unpack[PageOptions]
    ) -> Paginator[Asset]:
        """List the game's assets in full, in the order of their ids.

        Args:
            context_id: Keep only the assets of this context, by its numeric id, from 0; those of all by default.
            include_ugc: Add the assets that players made; no by default.
            **paging: `page_size` (1 to 200, 200 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of assets.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /assets
        """
        query = {"context_id": context_id, "include_ugc": include_ugc}
        serde.validate(query, _ListQuery)
        return self._caller.pages(routes.ASSETS_LIST, (), AssetPage, Asset, paging=paging, query=query)

    def list_simple(
        self,
        *,
        includes: SimpleAssetIncludes | Mapping[str, Any] | None = None,
        excludes: SimpleAssetExcludes | Mapping[str, Any] | None = None,
        filters: SimpleAssetFilters | Mapping[str, Any] | None = None,
        **paging: Unpack[PageOptions],
    ) -> Paginator[SimpleAsset]:
        """List the game's assets in a short form, with the extras that are asked for.

        One request takes 100 `asset_ids`. More are asked for in parts, up to eight of them at a time (or as many as
        `look_ahead` says where that is more; one after the other where it is 0). The parts come in the order of the
        ids, and what one part holds in the order of the service; an id that is given twice counts once.

        Args:
            includes: Parts of an asset to add: `storage`, `files`, `data_entities`, `metadata`; none by default.
            excludes: Parts of an asset to leave out: `authors`; none by default.
            filters: Which assets to keep, by `asset_ids` (any number; the service then answers each request whole,
                whatever `page_size` says), `context_ids` and `ugc_only`; all of them by default.
            **paging: `page_size` (from 1, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of assets in the short form.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page, or a part, could not be had (raised by the walk, which can go on from its checkpoint).

        Retried: yes. It only reads; the body is the question.

        POST /assets/artful-alpaca/v1
        """
        shape = {"includes": includes, "excludes": excludes}
        return self._caller.pages(
            routes.ASSETS_LIST_SIMPLE,
            (),
            SimpleAssetPage,
            SimpleAsset,
            paging=paging,
            request=SimpleAssetListRequest,
            parts=[{**shape, "filters": part} for part in _in_parts(filters)],
        )

    def list_contexts(self, **paging: Unpack[PageOptions]) -> Paginator[AssetContext]:
        """List the contexts that the game sorts its assets into.

        Args:
            **paging: `page_size` (from 1, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of contexts.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /contexts/v1
        """
        return self._caller.pages(routes.ASSETS_LIST_CONTEXTS, (), AssetContextPage, AssetContext, paging=paging)


def _in_parts(
    filters: SimpleAssetFilters | Mapping[str, Any] | None,
) -> Sequence[SimpleAssetFilters | Mapping[str, Any] | None]:
    """Filters that one request takes each."""
    found = serde.validate({"filters": filters}, SimpleAssetListRequest).filters
    ids = found.asset_ids if found else None
    if found is None or ids is None or len(ids) <= _MOST_IDS:
        return [filters]
    return [
        SimpleAssetFilters(ugc_only=found.ugc_only, asset_ids=tuple(part), context_ids=found.context_ids)
        for part in by_count(tuple(dict.fromkeys(ids)), _MOST_IDS)
    ]
