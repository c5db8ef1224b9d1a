"""Statements about the trickier signatures of single sections that mypy and pyright prove; nothing here is run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from lootlocker_async import LootLockerClient, Page, Paginator, SecretStr
from lootlocker_async.errors import BatchError, BatchFailure
from lootlocker_async.models import (
    Asset,
    AssetContext,
    CatalogAssetDetail,
    CatalogCurrencyDetail,
    CatalogEntry,
    CatalogGroupDetail,
    CatalogItem,
    CatalogItemList,
    CatalogPage,
    CatalogProgressionPointsDetail,
    CatalogProgressionResetDetail,
    EntityKind,
    Friend,
    InventoryItem,
    LeaderboardArchiveScore,
    Loadout,
    MetadataBase64Value,
    MetadataEntry,
    MetadataType,
    PlayerConnectedAccountsList,
    PlayerFile,
    PlayerStorageItemsList,
    ProgressionState,
    ProgressionStateUpdate,
    ProgressionTier,
    PurchaseProduct,
    PurchaseStatus,
    SimpleAsset,
    WalletBalanceChangeResult,
    WalletModifier,
)


async def paginators(client: LootLockerClient) -> None:
    assert_type(client.assets.list(include_ugc=True), Paginator[Asset])
    assert_type(client.assets.list_simple(filters={"asset_ids": [1, 2]}), Paginator[SimpleAsset])
    assert_type(client.assets.list_contexts(page_size=5), Paginator[AssetContext])
    assert_type(client.friends.list("01HZ8Q2V6M4T9KDX3B7WNYRC5E"), Paginator[Friend])
    assert_type(client.leaderboards.list_archive_scores(key="k"), Paginator[LeaderboardArchiveScore])
    assert_type(client.progressions.list_tiers("levels"), Paginator[ProgressionTier])
    assert_type(client.metadata.list("player", "01H", tags=["a"]), Paginator[MetadataEntry])
    assert_type(client.catalogs.list_items_by_key("shop"), Paginator[CatalogEntry])
    assert_type(await client.catalogs.list_items_by_key("shop"), Page[CatalogEntry])
    for listed in (
        client.player_progressions.list(7),
        client.character_progressions.list(7, 9),
        client.asset_instance_progressions.list("7", "9", limit=3),
    ):
        assert_type(listed, Paginator[ProgressionState])
        assert_type([state.points async for state in listed], list[int])
    for items in (
        client.inventories.list_for_player(7),
        client.inventories.list_for_character(7, 9),
        client.inventories.list_for_hero(7, "9"),
    ):
        assert_type(items, Paginator[InventoryItem])


async def what_owners_have_in_common(client: LootLockerClient) -> None:
    assert_type(await client.loadouts.get_for_player(7), Loadout)
    assert_type(await client.loadouts.equip_for_character(7, 9, instance_id=3), Loadout)
    assert_type(await client.loadouts.unequip_for_hero(7, 9, 3), Loadout)
    assert_type(await client.player_progressions.add_points(7, "levels", amount=5), ProgressionStateUpdate)
    assert_type(await client.character_progressions.get(7, 9, "levels"), ProgressionState)
    assert_type(await client.asset_instance_progressions.delete(7, 9, "levels"), None)
    assert_type(await client.asset_instance_progressions.reset(7, 9, "levels"), ProgressionStateUpdate)


async def batches(client: LootLockerClient, error: BatchError) -> None:
    assert_type(await client.catalogs.list_items_by_id(ids=["01H"] * 500), CatalogItemList)
    accounts = client.connected_accounts.list(player_ids=["01H"], legacy_player_ids=[7])
    assert_type(await accounts, PlayerConnectedAccountsList)
    assert_type(await client.player_storage.list(player_ids=range(1, 500)), PlayerStorageItemsList)
    assert_type(await client.player_storage.delete(player_ids=[7], keys=["a"]), None)
    assert_type(error.failures, tuple[BatchFailure, ...])
    assert_type(error.missing, tuple[Any, ...])


def metadata(entry: MetadataEntry) -> None:
    assert_type(entry.type, MetadataType)
    assert_type(entry.value, Any)
    assert_type(entry.as_string(), str)
    assert_type(entry.as_number(), int | Decimal)
    assert_type(entry.as_bool(), bool)
    assert_type(entry.as_json(), Any)
    assert_type(entry.as_file(), MetadataBase64Value)
    assert_type(entry.as_bytes(), bytes)
    assert_type(entry.tags, tuple[str, ...])
    assert_type(MetadataBase64Value.of(b"", "image/png"), MetadataBase64Value)


def catalogs(page: CatalogPage, entry: CatalogEntry, item: CatalogItem) -> None:
    assert_type(page.entries, tuple[CatalogEntry, ...])
    assert_type(entry.entity_kind, EntityKind)
    assert_type(entry.asset_details, tuple[CatalogAssetDetail, ...])
    assert_type(entry.asset_detail, CatalogAssetDetail | None)
    assert_type(
        entry.details,
        CatalogAssetDetail
        | CatalogCurrencyDetail
        | CatalogProgressionPointsDetail
        | CatalogProgressionResetDetail
        | CatalogGroupDetail
        | None,
    )
    assert_type([price.amount for price in entry.prices], list[int])
    assert_type(item.asset_detail, CatalogAssetDetail | None)
    if isinstance(entry.details, CatalogCurrencyDetail):
        assert_type(entry.details.amount, Decimal)


async def money(client: LootLockerClient, modifier: WalletModifier) -> None:
    wallet = "01HZ8Q2V6M4T9KDX3B7WNYRC5E"
    for amount in ("1.5", 2, Decimal("0.1")):
        credited = client.balances.credit(wallet_id=wallet, currency_id=wallet, amount=amount)
        assert_type(await credited, WalletBalanceChangeResult)
    assert_type(modifier.factor, Decimal)
    assert_type(modifier.expires_at, datetime | None)


async def files(client: LootLockerClient, contents: AsyncIterator[bytes], file: PlayerFile) -> None:
    assert_type(await client.player_files.upload(7, file=b"1", purpose="SAVE"), PlayerFile)
    assert_type(await client.player_files.upload(7, file=Path("x"), purpose="SAVE", public=True), PlayerFile)
    assert_type(await client.player_files.update(7, 9, file=contents, progress=print), PlayerFile)
    assert_type(await client.player_files.download(file, "x.bin"), int)
    async with client.player_files.stream(file.url) as stream:
        async for piece in stream:
            assert_type(piece, bytes)


async def tokens_and_the_rest(client: LootLockerClient, mapping: Mapping[str, Any], status: PurchaseStatus) -> None:
    token = await client.oauth.exchange_token(subject_token_type="lootlocker.v1.player", subject_token="01H")
    assert_type(token.access_token, SecretStr)
    assert_type(token.refresh_token, SecretStr | None)
    # A model or a mapping of its shape, wherever something nested is sent.
    await client.metadata.apply_actions(source="player", source_id="01H", entries=[mapping])
    await client.notifications.send(
        notification_type="a.b.c", priority="low", recipient="01H", content=None, properties=[mapping]
    )
    assert_type(await client.purchases.get_status(7, "p"), PurchaseStatus)
    assert_type(status.products, tuple[PurchaseProduct, ...])
