"""The part of the world's builder that makes currencies and wallets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lootlocker_async.emulator import currencies, wallets
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.game import Game

_HOLDER_COLUMNS = "p.id AS player_id, h.id AS character_id"
_HOLDER_TABLES = (
    "wallets w LEFT JOIN players p ON w.holder_type = 'player' AND p.ulid = w.holder_ulid"
    " LEFT JOIN characters h ON w.holder_type = 'character' AND h.ulid = w.holder_ulid"
)


class WalletsWorld:
    """Makes currencies, wallets and what is in them."""

    _game: Game

    def add_currency(
        self,
        code: str,
        *,
        name: str | None = None,
        currency_id: str | None = None,
        game_api_writes_enabled: bool = False,
        published: bool = True,
        created_at: str | None = None,
        published_at: str | None = None,
    ) -> str:
        """Adds a currency.

        Args:
            code: Its short code.
            name: Its name; the code by default.
            currency_id: Its ULID; a new one by default.
            game_api_writes_enabled: Whether game clients may award it.
            published: Whether it is published.
            created_at: When it was made; now by default.
            published_at: When it was published; when it was made by default.

        Returns:
            Its ULID.
        """
        made = currencies.create(
            self._game,
            code,
            name=name,
            currency_id=currency_id,
            game_api_writes_enabled=game_api_writes_enabled,
            published=published,
            created_at=created_at,
            published_at=published_at,
        )
        return made["id"]

    def export_currencies(self) -> list[dict[str, Any]]:
        """Every currency, as the arguments of `add_currency`."""
        return [
            {
                "code": currency["code"],
                "name": currency["name"],
                "currency_id": currency["id"],
                "game_api_writes_enabled": currency["game_api_writes_enabled"],
                "published": currency["published_at"] is not None,
                "created_at": currency["created_at"],
                "published_at": currency["published_at"],
            }
            for currency in currencies.list_all(self._game)["currencies"]
        ]

    def add_wallet(
        self, *, player_id: int | None = None, character_id: int | None = None, wallet_id: str | None = None
    ) -> str:
        """Gives a player or a character a wallet.

        Args:
            player_id: The player, if a player holds it.
            character_id: The character, if a character holds it.
            wallet_id: Its ULID; a new one by default.

        Returns:
            Its ULID.
        """
        return wallets.create(self._game, *self._holder(player_id, character_id), wallet_id=wallet_id)

    def export_wallets(self) -> list[dict[str, Any]]:
        """Every wallet, as the arguments of `add_wallet`."""
        rows = self._game.store.rows(
            f"SELECT w.id AS wallet_id, {_HOLDER_COLUMNS} FROM {_HOLDER_TABLES} ORDER BY w.rowid"  # nosec B608  # the module's own names; values are bound
        )
        return [dict(row) for row in rows]

    def add_balance(
        self,
        currency_code: str,
        amount: str | int | Decimal,
        *,
        player_id: int | None = None,
        character_id: int | None = None,
        created_at: str | None = None,
    ) -> str:
        """Puts an amount into the wallet of a player or a character, which is made where there is none.

        Args:
            currency_code: The currency.
            amount: How much of it, in decimal digits; the wallet's modifiers don't count.
            player_id: The player, if a player holds the wallet.
            character_id: The character, if a character holds it.
            created_at: When the balance came to be; as it was, or now, by default.

        Returns:
            The ULID of the wallet.
        """
        with self._game.transaction():
            wallet_id = wallets.wallet_of(self._game, *self._holder(player_id, character_id))
            currency = currencies.by_code(self._game, currency_code)
            wallets.put(self._game, wallet_id, currency["id"], _decimal(amount, "amount"), created_at=created_at)
        return wallet_id

    def export_balances(self) -> list[dict[str, Any]]:
        """Every balance, as the arguments of `add_balance`."""
        rows = self._game.store.rows(
            f"SELECT c.code AS currency_code, b.amount, {_HOLDER_COLUMNS}, b.created_at FROM balances b"  # nosec B608  # the module's own names; values are bound
            f" JOIN currencies c ON c.id = b.currency_id, {_HOLDER_TABLES} WHERE w.id = b.wallet_id ORDER BY b.rowid"
        )
        return [dict(row) for row in rows]

    def balances(self, *, player_id: int | None = None, character_id: int | None = None) -> dict[str, Decimal]:
        """What a player or a character has of each currency now, by the currency's code.

        Args:
            player_id: The player, if a player holds the wallet.
            character_id: The character, if a character holds it.
        """
        ulid, _ = self._holder(player_id, character_id)
        rows = self._game.store.rows(
            "SELECT c.code, b.amount FROM balances b JOIN currencies c ON c.id = b.currency_id"
            " JOIN wallets w ON w.id = b.wallet_id WHERE w.holder_ulid = ? ORDER BY b.rowid",
            ulid,
        )
        return {row["code"]: Decimal(row["amount"]) for row in rows}

    def add_wallet_modifier(
        self,
        currency_code: str,
        factor: str | int | Decimal,
        *,
        player_id: int | None = None,
        character_id: int | None = None,
        expires_at: str | datetime | None = None,
        created_at: str | None = None,
    ) -> str:
        """Gives the wallet of a player or a character, which is made where there is none, a multiplier.

        Args:
            currency_code: The currency that it is for.
            factor: What credits of it are multiplied by, in decimal digits.
            player_id: The player, if a player holds the wallet.
            character_id: The character, if a character holds it.
            expires_at: When it ends, if it does.
            created_at: When it was made; now by default.

        Returns:
            The ULID of the wallet.
        """
        ends = datetime.fromisoformat(expires_at) if isinstance(expires_at, str) else expires_at
        if ends is not None and ends.tzinfo is None:
            ends = ends.replace(tzinfo=UTC)
        with self._game.transaction():
            wallet_id = wallets.wallet_of(self._game, *self._holder(player_id, character_id))
            currency = currencies.by_code(self._game, currency_code)
            modifier = wallets.Modifier(currency["id"], _decimal(factor, "factor"), ends)
            wallets.set_modifiers(self._game, wallet_id, [modifier], created_at=created_at)
        return wallet_id

    def export_wallet_modifiers(self) -> list[dict[str, Any]]:
        """Every multiplier, as the arguments of `add_wallet_modifier`."""
        rows = self._game.store.rows(
            f"SELECT c.code AS currency_code, m.factor, {_HOLDER_COLUMNS}, m.expires_at, m.created_at"  # nosec B608  # the module's own names; values are bound
            f" FROM wallet_modifiers m JOIN currencies c ON c.id = m.currency_id, {_HOLDER_TABLES}"
            " WHERE w.id = m.wallet_id ORDER BY m.rowid"
        )
        return [{**dict(row), "expires_at": _text(row["expires_at"])} for row in rows]

    def _holder(self, player_id: int | None, character_id: int | None) -> tuple[str, wallets.HolderType]:
        if (player_id is None) == (character_id is None):
            raise bad_request("A wallet is held by either a player or a character", "player_id")
        if player_id is not None:
            row = self._game.store.row("SELECT ulid FROM players WHERE id = ?", player_id)
        else:
            row = self._game.store.row("SELECT ulid FROM characters WHERE id = ?", character_id)
        kind: wallets.HolderType = "character" if player_id is None else "player"
        if row is None:
            raise not_found(kind, f"{kind}_id")
        return row["ulid"], kind


def _decimal(value: str | int | Decimal, param: str) -> Decimal:
    return wallets.amount(wallets.written(value) if isinstance(value, Decimal) else str(value), param)


def _text(timestamp: int | None) -> str | None:
    return None if timestamp is None else rfc3339(datetime.fromtimestamp(timestamp, UTC))
