"""The part of the scenario that earns, spends and opens things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter

import attrs

from lootlocker_async.cli.demo.arena import Inventory
from lootlocker_async.cli.demo.plan import Errand
from lootlocker_async.cli.demo.reconcile import Purse
from lootlocker_async.cli.demo.scene import CATALOG, GOLD
from lootlocker_async.cli.demo.steps import Stage, for_each
from lootlocker_async.models.catalogs import CatalogEntry

__all__ = ["Economy", "Ledger"]

_PENNY = Decimal("0.01")
_PER_PAGE = 10

_Each = tuple[int, Errand]


@attrs.define
class Ledger:
    """What the economy came to, as the service told it.

    Attributes:
        currencies: The code of each currency, by its ULID.
        holders: The player behind each wallet.
        ulids: The ULID of each player.
        catalog: Everything that the catalog sells.
        names: The names of the assets in chests and boxes.
        refused: How many overdrafts were refused.
        odds: How likely each asset is to come out of a box, by the asset.
        points: The points that each player has on each progression.
        balances: What each player has of each currency.
    """

    currencies: dict[str, str] = attrs.field(factory=dict)
    holders: dict[str, int] = attrs.field(factory=dict)
    ulids: dict[int, str] = attrs.field(factory=dict)
    catalog: list[CatalogEntry] = attrs.field(factory=list)
    names: dict[int, str] = attrs.field(factory=dict)
    refused: int = 0
    odds: Mapping[int, Fraction] = attrs.field(factory=dict)
    points: dict[int, dict[str, int]] = attrs.field(factory=dict)
    balances: dict[int, dict[str, Decimal]] = attrs.field(factory=dict)


class Economy:
    """Earns, spends and opens things.

    Args:
        stage: Where.
        held: What each player has, which is kept up to date.
    """

    def __init__(self, stage: Stage, held: Mapping[int, Counter[int]]) -> None:
        self._client = stage.client
        self._stage = stage
        self._once = stage.exactly_once
        self._errands = stage.plan.errands
        self._scene = stage.plan.economy
        self._held = held
        self._wallets: dict[int, str] = {}
        self.ledger: Ledger = Ledger()

    async def look_around(self) -> None:
        """Learn what there is: the catalog with the details of all that it sells, the currencies, who is who."""
        with self._stage.step("walk the catalog") as step:
            entries = self._client.catalogs.list_items_by_key(CATALOG, page_size=_PER_PAGE)
            self.ledger.catalog = [entry async for entry in entries]
            step.items = len(self.ledger.catalog)
        with self._stage.step("look up assets, currencies, players") as step:
            prizes = (*self._scene.trophies, *self._scene.chest_contents)
            assets = await self._client.assets.list_simple(filters={"asset_ids": prizes}).collect()
            self.ledger.names = {asset.asset_id: asset.asset_name or "" for asset in assets}
            currencies = (await self._client.currencies.list()).currencies
            self.ledger.currencies = {currency.id: currency.code for currency in currencies}
            found = await self._client.players.lookup_names(player_id=[player_id for player_id, _ in self._errands])
            self.ledger.ulids = {player.player_id: player.ulid for player in found.players if player.ulid}
            step.items = len(assets) + len(currencies) + len(found.players)

    async def open_wallets(self) -> None:
        """Give everybody a wallet."""

        async def open_wallet(each: _Each) -> None:
            player_id, _ = each
            self._wallets[player_id] = await self._once.open_wallet(self.ledger.ulids[player_id])

        with self._stage.step("open wallets") as step:
            await for_each(self._errands, open_wallet)
            step.items = len(self._wallets)
        self.ledger.holders = {wallet_id: player_id for player_id, wallet_id in self._wallets.items()}

    async def trade(self) -> None:
        """Credit, debit and buy. Each currency of a wallet is one worker's, so both change at the same time."""
        purses = [
            (player_id, errand, code, Purse(self._wallets[player_id], currency_id))
            for currency_id, code in self.ledger.currencies.items()
            for player_id, errand in self._errands
        ]
        prices = {entry.asset_detail.legacy_id: _price(entry) for entry in self.ledger.catalog if entry.asset_detail}

        async def trade(each: tuple[int, Errand, str, Purse]) -> None:
            player_id, errand, code, purse = each
            for amount in errand.trades[code]:
                await self._once.change(purse, amount)
                step.items += 1
            if code == GOLD:
                await self._once.change(purse, -prices[errand.buys])
                await self._grant(player_id, errand.buys)
                step.items += 2
                if errand.overdraws:
                    refused = await self._once.is_refused(purse, purse.held + _PENNY)
                    self.ledger.refused += refused

        with self._stage.step("credit, debit, buy, overdraw") as step:
            await for_each(purses, trade)

    async def _grant(self, player_id: int, asset_id: int) -> None:
        items = self._held[player_id]
        items[asset_id] = await self._once.grant(player_id, asset_id, held=items[asset_id])

    async def open_chests(self, inventories: Mapping[int, Inventory]) -> None:
        """Draw from each chest, and take out of the draw what the player wants.

        Args:
            inventories: What the players have, the chests among it.
        """

        async def open_chest(each: tuple[int, int]) -> None:
            player_id, wanted = each
            chest = inventories[player_id].instances[self._scene.chest]
            drawn = await self._once.draw(player_id, chest)
            item = next(item for item in drawn if item.asset_id == wanted)
            items = self._held[player_id]
            await self._once.pick(player_id, chest, item, held=items[wanted])
            items[wanted] += 1
            step.items += len(drawn)

        with self._stage.step("draw from chests and pick") as step:
            await for_each(self._stage.plan.picks.items(), open_chest)

    async def open_boxes(self, inventories: Mapping[int, Inventory]) -> None:
        """Open every box, one after another: what comes out depends on how many were opened before it.

        Args:
            inventories: What the players have, the boxes among it.
        """
        with self._stage.step("open loot boxes one by one") as step:
            for player_id in self._stage.plan.boxes:
                box = inventories[player_id].instances[self._scene.box]
                if not step.items:
                    odds = (await self._client.loot_boxes.inspect(player_id, box)).odds
                    self.ledger.odds = {content.asset_id: chance for content, chance in odds.items()}
                await self._once.open_box(player_id, box)
                step.items += 1

    async def add_points(self) -> None:
        """Add points to all progressions at the same time; each progression of a player is one worker's."""
        runs = [
            (player_id, key, amounts) for player_id, errand in self._errands for key, amounts in errand.points.items()
        ]

        async def run(each: tuple[int, str, Iterable[int]]) -> None:
            player_id, key, amounts = each
            points = 0
            for amount in amounts:
                points = await self._once.add_points(player_id, key, amount, points=points)
                step.items += 1

        with self._stage.step("add points to progressions") as step:
            await for_each(sorted(runs, key=itemgetter(1)), run)

    async def settle(self) -> None:
        """Read every progression and every balance."""

        async def read_points(each: _Each) -> None:
            states = await self._client.player_progressions.list(each[0]).collect()
            self.ledger.points[each[0]] = {state.progression_key: state.points for state in states}
            step.items += len(states)

        async def read_balances(each: _Each) -> None:
            balances = (await self._client.balances.list(self._wallets[each[0]])).balances
            self.ledger.balances[each[0]] = {balance.currency.code: balance.amount for balance in balances}
            step.items += len(balances)

        with self._stage.step("read progressions") as step:
            await for_each(self._errands, read_points)
        with self._stage.step("read balances") as step:
            await for_each(self._errands, read_balances)


def _price(entry: CatalogEntry) -> Decimal:
    """What an entry costs in gold; prices are whole numbers, and amounts in wallets are not."""
    return next(Decimal(price.amount) for price in entry.prices if price.currency_code == GOLD)
