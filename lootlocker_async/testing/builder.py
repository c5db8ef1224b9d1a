"""Sets the scene of a test: `World` with friendlier defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs

from lootlocker_async.emulator import World, assets, leaderboards

Amount = str | int | Decimal
"""How much of a currency, exactly."""


@attrs.frozen
class Player:
    """A player.

    Attributes:
        id: Its numeric id, which paths and boards take.
        ulid: Its ULID, which wallets take.
        public_uid: Its short public id.
        name: Its name.
        items: The ids of the item instances that it began with, in their order.
    """

    id: int
    ulid: str
    public_uid: str
    name: str
    items: tuple[int, ...] = ()


@attrs.frozen
class Asset:
    """An asset.

    Attributes:
        id: Its numeric id.
        name: Its name.
    """

    id: int
    name: str


@attrs.frozen
class Board:
    """A leaderboard.

    Attributes:
        id: Its numeric id.
        key: Its key.
    """

    id: int
    key: str


@attrs.frozen
class Currency:
    """A currency.

    Attributes:
        id: Its ULID.
        code: Its code.
    """

    id: str
    code: str


@attrs.frozen
class Progression:
    """A progression.

    Attributes:
        id: Its ULID.
        key: Its key.
    """

    id: str
    key: str


_KeyT_co = TypeVar("_KeyT_co", covariant=True)
_ValueT_co = TypeVar("_ValueT_co", covariant=True)


class Pairs(Protocol[_KeyT_co, _ValueT_co]):
    """Any mapping. `Mapping` itself would refuse a dict of players where players and member ids may be mixed."""

    def items(self) -> Iterable[tuple[_KeyT_co, _ValueT_co]]:
        """Its keys and values."""
        ...


Prize = Mapping[str, Amount] | Asset | str
"""Amounts by the currencies' codes, or an asset, or an asset's name."""


class GameBuilder(World):
    """Sets the scene of a test. Everything that `World` has is there too.

    What is named and isn't there yet (a currency, an asset) is made.
    """

    # ------------------------------------------------------------------------------------------------ setting the scene
    def load(self, seed: str | Path | Mapping[str, Any]) -> None:
        """Makes a world that is written down.

        Args:
            seed: A seed file, in JSON or YAML, or the document that would be in one.

        Raises:
            SeedError: It is none, or the game refuses what is in it.
        """
        from lootlocker_async.emulator import seeds

        seeds.load(self._game, seed if isinstance(seed, Mapping) else seeds.read(Path(seed)))

    def player(
        self,
        name: str | None = None,
        *,
        items: Iterable[str | int | Asset] = (),
        balances: Mapping[str, Amount] | None = None,
        **options: Any,  # noqa: ANN401 - any argument of add_player
    ) -> Player:
        """Adds a player.

        Args:
            name: Its name; a made-up one by default.
            items: What its inventory holds: assets, or their names or ids.
            balances: What its wallet holds: amounts by the currencies' codes. It has a wallet in any case.
            **options: What `add_player` takes.
        """
        count = self._game.store.count("SELECT count(*) FROM players")
        name = name or f"Player {count + 1}"
        with self._game.transaction():
            player_id = self.add_player(name, **options)
            given = tuple(self.add_item(player_id, self._asset_id(item)) for item in items)
            self.add_wallet(player_id=player_id)
            for code, amount in (balances or {}).items():
                self.add_balance(self.currency(code).code, amount, player_id=player_id)
        row = self._game.store.one("SELECT ulid, public_uid FROM players WHERE id = ?", player_id)
        return Player(player_id, row["ulid"], row["public_uid"], name, given)

    def asset(self, name: str, **fields: Any) -> Asset:  # noqa: ANN401 - any field of the contract's Asset
        """The asset of a name; it is made where it is missing.

        Args:
            name: Its name.
            **fields: What `add_asset` takes, for a new one.
        """
        query = "SELECT id FROM assets WHERE json_extract(document, '$.name') = ? ORDER BY id"
        row = None if fields else self._game.store.row(query, name)
        return Asset(self.add_asset(name, **fields) if row is None else row["id"], name)

    def currency(self, code: str = "gold", **options: Any) -> Currency:  # noqa: ANN401 - any argument of add_currency
        """The currency of a code; it is made where it is missing.

        Args:
            code: Its code.
            **options: What `add_currency` takes, for a new one.
        """
        row = None if options else self._game.store.row("SELECT id FROM currencies WHERE code = ?", code)
        return Currency(self.add_currency(code, **options) if row is None else row["id"], code)

    def board(
        self,
        key: str = "board",
        *,
        scores: Pairs[Player | int | str, int] | None = None,
        resets: str | None = None,
        prizes: Pairs[int | tuple[int, int], Prize] | None = None,
        **options: Any,  # noqa: ANN401 - any argument of add_leaderboard
    ) -> Board:
        """Adds a leaderboard.

        Args:
            key: Its key.
            scores: What is on it, by player or by member id.
            resets: When it resets, in the five fields of cron or one of its nicknames (`@weekly`).
            prizes: What a reset pays, by rank or by first and last rank: amounts by the currencies' codes, or an asset.
                A board with prizes is one of players.
            **options: What `add_leaderboard` takes.
        """
        if prizes:
            options.setdefault("type", "player")
        with self._game.transaction():
            board_id = self.add_leaderboard(key, **options)
            if resets is not None:
                self.add_leaderboard_schedule(key, resets)
            for ranks, prize in prizes.items() if prizes else ():
                first, last = (ranks, ranks) if isinstance(ranks, int) else ranks
                among = {"min": first, "max": last, "method": "by_rank", "direction": "asc"}
                for kind, reward_id in self._rewards(prize):
                    self.add_leaderboard_reward(key, reward_id, kind, [{"type": "between", "args": among}])
            self.add_scores(key, [(_member(member), score) for member, score in (scores.items() if scores else ())])
        return Board(board_id, key)

    def progression(self, key: str = "xp", *, tiers: Iterable[int] = (), **options: Any) -> Progression:  # noqa: ANN401
        """Adds a progression.

        Args:
            key: Its key.
            tiers: The points that reach its tiers, beyond the first one at none.
            **options: What `add_progression` takes.
        """
        steps = [{"points_threshold": points} for points in tiers]
        return Progression(self.add_progression(key, tiers=steps, **options), key)

    def _asset_id(self, asset: str | int | Asset) -> int:
        if isinstance(asset, int):
            return asset
        return asset.id if isinstance(asset, Asset) else self.asset(asset).id

    def _rewards(self, prize: Mapping[str, Amount] | Asset | str) -> list[tuple[str, str]]:
        if not isinstance(prize, Mapping):
            return [("asset", self.add_reward("asset", asset_id=self._asset_id(prize)))]
        return [
            ("currency", self.add_reward("currency", currency_code=self.currency(code).code, amount=amount))
            for code, amount in prize.items()
        ]

    # ------------------------------------------------------------------------------------------- what has become of it
    def balance(self, player: Player | int, code: str = "gold") -> Decimal:
        """What a player has of a currency now; nothing of one that it never had."""
        leaderboards.run_due(self._game)
        return self.balances(player_id=_id(player)).get(code, Decimal(0))

    def items(self, player: Player | int) -> list[str]:
        """The names of what a player has, its characters' and heroes' things among it, the oldest first."""
        leaderboards.run_due(self._game)
        rows = self._game.store.rows(
            "SELECT asset_id FROM inventory WHERE player_id = ? ORDER BY instance_id", _id(player)
        )
        return [assets.get(self._game, row["asset_id"])["name"] for row in rows]


def _id(player: Player | int) -> int:
    return player.id if isinstance(player, Player) else player


def _member(member: Player | int | str) -> str:
    return str(member.id if isinstance(member, Player) else member)
