"""Assets in the short form, what to ask of them, and the contexts that sort assets."""

from __future__ import annotations

from lootlocker_async.models.assets import AssetStorageEntry
from lootlocker_async.models.base import Seq, Soft, model, soft
from lootlocker_async.models.constraints import Int64
from lootlocker_async.models.metadata import MetadataEntry
from lootlocker_async.models.pagination import PagePagination


@model
class SimpleAssetIncludes:
    """Parts of an asset that come only when asked for.

    Attributes:
        storage: Ask for the keys and values set on the asset.
        files: Ask for the files that belong to it.
        data_entities: Ask for its data entities.
        metadata: Ask for its metadata.
    """

    storage: bool | None = None
    files: bool | None = None
    data_entities: bool | None = None
    metadata: bool | None = None


@model
class SimpleAssetExcludes:
    """Parts of an asset that come unless refused.

    Attributes:
        authors: Leave out who made a player-made asset.
    """

    authors: bool | None = None


@model
class SimpleAssetFilters:
    """Which assets to keep; an empty list keeps all.

    Attributes:
        ugc_only: Keep only player-made assets.
        asset_ids: Keep only these assets, by numeric id; any number of them.
        context_ids: Keep only the assets of these contexts.
    """

    ugc_only: bool | None = None
    asset_ids: tuple[Int64, ...] | None = None
    context_ids: tuple[Int64, ...] | None = None


@model
class SimpleAssetListRequest:
    """What to put into the list of assets, what to leave out and which assets to keep.

    Attributes:
        includes: Parts to add.
        excludes: Parts to leave out.
        filters: Which assets to keep.
    """

    includes: SimpleAssetIncludes | None = None
    excludes: SimpleAssetExcludes | None = None
    filters: SimpleAssetFilters | None = None


@model
class SimpleAssetAuthor:
    """The player who made an asset.

    Attributes:
        player_id: The player's numeric id.
        player_ulid: The player's ULID.
        public_uid: The player's short public id.
        active_name: The name that the player goes by now.
    """

    player_id: int
    player_ulid: Soft[str] = soft(default="")
    public_uid: Soft[str] = soft(default="")
    active_name: str | None = None


@model
class SimpleAssetFile:
    """A file that belongs to an asset.

    Attributes:
        size: Its size in bytes.
        name: Its name.
        url: Its address.
        tags: Words that say what the file is for.
    """

    size: Soft[int] = soft(default=0)
    name: Soft[str] = soft(default="")
    url: str
    tags: Seq[str] = ()


@model
class SimpleAssetDataEntity:
    """A data entity of an asset.

    Attributes:
        name: Its name.
        data: The data as text, often JSON.
    """

    name: str
    data: str | None = None


@model
class SimpleAsset:
    """An asset in the short form.

    Attributes:
        asset_id: The asset's numeric id.
        asset_uuid: The asset's UUID.
        asset_ulid: The asset's ULID.
        asset_name: The asset's name.
        context_id: The id of the context that it is in.
        context_name: The name of that context.
        author: Who made the asset, where a player did.
        storage: Keys and values set on the asset; empty unless asked for.
        files: The files that belong to it; empty unless asked for.
        data_entities: Its data entities; empty unless asked for.
        metadata: Its metadata; empty unless asked for.
    """

    asset_id: int
    asset_uuid: Soft[str] = soft(default="")
    asset_ulid: Soft[str] = soft(default="")
    asset_name: Soft[str] = soft(default="")
    context_id: Soft[int] = soft(default=0)
    context_name: Soft[str] = soft(default="")
    author: SimpleAssetAuthor | None = None
    storage: Seq[AssetStorageEntry] = ()
    files: Seq[SimpleAssetFile] = ()
    data_entities: Seq[SimpleAssetDataEntity] = ()
    metadata: Seq[MetadataEntry] = ()


@model
class SimpleAssetPage:
    """One page of assets in the short form.

    Attributes:
        assets: The assets of the page.
        pagination: Where the page stands; it may be missing where a filter by asset ids switched paging off.
    """

    assets: Seq[SimpleAsset]
    pagination: PagePagination | None = None


@model
class AssetContext:
    """A group that the game sorts assets into.

    Attributes:
        id: The context's numeric id.
        uuid: The context's UUID.
        name: The context's name.
    """

    id: int
    uuid: Soft[str] = soft(default="")
    name: Soft[str] = soft(default="")


@model
class AssetContextPage:
    """One page of contexts.

    Attributes:
        contexts: The contexts of the page.
        pagination: Where the page stands.
    """

    contexts: Seq[AssetContext]
    pagination: PagePagination
