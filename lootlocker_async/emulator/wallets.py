"""Wallets: who holds how much of which currency, to the last digit."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation
from typing import Any, Literal, cast

import attrs

from lootlocker_async.emulator import currencies
from lootlocker_async.emulator.clock import rfc3339
from lootlocker_async.emulator.errors import ServiceError, bad_request, conflict, not_found
from lootlocker_async.emulator.game import Game

HolderType = Literal["character", "player"]
"""Who can hold a wallet."""

# The usual context rounds to 28 digits; in this one a sum or a product has every digit that it needs.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Inexact])
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_HOLDERS: Mapping[str, str] = {"character": "characters", "player": "players"}
_ZERO = Decimal(0)


class OverdrawnError(ServiceError):
    """A wallet holds too little for a debit.

    The service has been seen to answer this with 403 and neither a code nor the address of a page about it.
    """

    def __init__(self) -> None:
        super().__init__(403, "", "The wallet holds too little of the currency")

    def document(self, request_id: str, trace_id: str) -> dict[str, str]:
        """The body of the answer."""
        return {"message": self.message, "request_id": request_id, "trace_id": trace_id}


@attrs.frozen
class Modifier:
    """A multiplier to give to a wallet: its currency by ULID, and the second in which it ends."""

    currency_id: str
    factor: Decimal
    expires_at: datetime | None = None


def amount(text: str, param: str = "amount") -> Decimal:
    """Reads an amount.

    Args:
        text: Decimal digits, with at most one point among them.
        param: What it is called where it is wrong.

    Returns:
        It, with every digit and no less of a scale.

    Raises:
        ServiceError: It is something else.
    """
    if not _DIGITS.fullmatch(text):
        raise bad_request("An amount has decimal digits and at most one point among them", param)
    return Decimal(text)


def written(value: Decimal) -> str:
    """An amount as the wire has it: every digit, no exponent."""
    return format(value, "f")


def create(game: Game, holder_ulid: str, holder_type: HolderType, *, wallet_id: str | None = None) -> str:
    """Makes the wallet of a player or a character.

    Returns:
        Its id.

    Raises:
        ServiceError: There is no such holder, or it has a wallet.
    """
    table = _HOLDERS[holder_type]
    if game.store.row(f"SELECT 1 FROM {table} WHERE ulid = ?", holder_ulid) is None:  # nosec B608  # the module's own names; values are bound
        raise not_found(holder_type, "holder_id")
    if game.store.row("SELECT 1 FROM wallets WHERE holder_ulid = ?", holder_ulid):
        raise conflict("The holder has a wallet already", "holder_id")
    wallet_id = wallet_id or game.ids.ulid(game.clock.now())
    game.store.insert(
        "INSERT INTO wallets (id, holder_ulid, holder_type) VALUES (?, ?, ?)", wallet_id, holder_ulid, holder_type
    )
    return wallet_id


def wallet_of(game: Game, holder_ulid: str, holder_type: HolderType) -> str:
    """The id of a holder's wallet, which is made where there is none.

    Raises:
        ServiceError: There is no such holder.
    """
    with game.transaction():
        row = game.store.row(
            "SELECT id FROM wallets WHERE holder_ulid = ? AND holder_type = ?", holder_ulid, holder_type
        )
        return create(game, holder_ulid, holder_type) if row is None else cast("str", row["id"])


def get(game: Game, wallet_id: str) -> dict[str, Any]:
    """A wallet with its modifiers, without what it holds.

    Raises:
        ServiceError: There is no such wallet.
    """
    return _document(game, _wallet(game, wallet_id))


def get_for_holder(game: Game, holder_ulid: str) -> dict[str, Any]:
    """The wallet of a holder.

    Raises:
        ServiceError: There is no such holder, or it has no wallet.
    """
    row = game.store.row("SELECT * FROM wallets WHERE holder_ulid = ?", holder_ulid)
    if row is None:
        raise not_found("wallet of the holder", "holder_id")
    return _document(game, row)


def list_balances(game: Game, wallet_id: str) -> dict[str, list[dict[str, Any]]]:
    """What a wallet holds, one balance for each currency that ever came in or went out.

    Raises:
        ServiceError: There is no such wallet.
    """
    holder = _holder(_wallet(game, wallet_id))
    rows = game.store.rows(
        "SELECT c.*, b.amount, b.created_at AS held_since FROM balances b JOIN currencies c ON c.id = b.currency_id"
        " WHERE b.wallet_id = ? ORDER BY b.rowid",
        wallet_id,
    )
    return {
        "balances": [
            {
                "amount": row["amount"],
                "currency": currencies.document(row),
                "wallet_id": wallet_id,
                "created_at": row["held_since"],
                **holder,
            }
            for row in rows
        ]
    }


def credit(game: Game, wallet_id: str, currency_id: str, amount: Decimal) -> dict[str, Any]:
    """Adds an amount, times the wallet's modifier of that currency (a guess), to what a wallet holds.

    Returns:
        The contract's `WalletChangedBalance`.

    Raises:
        ServiceError: There is no such wallet or currency, or the amount is negative.
    """
    _check(amount)
    with game.transaction():
        row = game.store.row(
            "SELECT factor FROM wallet_modifiers WHERE wallet_id = ? AND currency_id = ?"
            " AND (expires_at IS NULL OR expires_at > ?)",
            wallet_id, currency_id, game.clock.timestamp(),
        )  # fmt: skip
        gained = amount if row is None else _EXACT.multiply(amount, Decimal(row["factor"]))
        return _change(game, wallet_id, currency_id, gained)


def debit(game: Game, wallet_id: str, currency_id: str, amount: Decimal) -> dict[str, Any]:
    """Takes an amount out of what a wallet holds; modifiers don't count here (a guess).

    Returns:
        The contract's `WalletChangedBalance`.

    Raises:
        OverdrawnError: The wallet holds less.
        ServiceError: There is no such wallet or currency, or the amount is negative.
    """
    _check(amount)
    with game.transaction():
        return _change(game, wallet_id, currency_id, _EXACT.minus(amount))


def put(game: Game, wallet_id: str, currency_id: str, amount: Decimal, *, created_at: str | None = None) -> None:
    """Adds an amount to what a wallet holds, whatever its modifiers are.

    Raises:
        ServiceError: There is no such wallet or currency, or the amount is negative.
    """
    _check(amount)
    with game.transaction():
        _change(game, wallet_id, currency_id, amount, created_at=created_at)


def set_modifiers(
    game: Game, wallet_id: str, modifiers: Iterable[Modifier], *, created_at: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Gives a wallet multipliers; one takes the place of the one that its currency had (a guess).

    Returns:
        All that the wallet has and that have not ended.

    Raises:
        ServiceError: There is no such wallet or currency, or a currency is there twice.
    """
    made = created_at or rfc3339(game.clock.now())
    seen: set[str] = set()
    with game.transaction():
        wallet = _wallet(game, wallet_id)
        for modifier in modifiers:
            currencies.by_id(game, modifier.currency_id, "modifiers")
            if modifier.currency_id in seen:
                raise bad_request("A currency can have one modifier", "modifiers")
            seen.add(modifier.currency_id)
            ends = None if modifier.expires_at is None else int(modifier.expires_at.timestamp())
            game.store.execute(
                "INSERT INTO wallet_modifiers VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (wallet_id, currency_id) DO UPDATE SET"
                " factor = excluded.factor, created_at = excluded.created_at, expires_at = excluded.expires_at",
                wallet_id, modifier.currency_id, written(modifier.factor), made, ends,
            )  # fmt: skip
        return {"modifiers": _document(game, wallet)["modifiers"]}


def _check(amount: Decimal) -> None:
    if not amount.is_finite() or amount < 0:
        raise bad_request("An amount is never negative", "amount")


def _change(
    game: Game, wallet_id: str, currency_id: str, by: Decimal, *, created_at: str | None = None
) -> dict[str, Any]:
    wallet = _wallet(game, wallet_id)
    currencies.by_id(game, currency_id)
    row = game.store.row(
        "SELECT amount, created_at FROM balances WHERE wallet_id = ? AND currency_id = ?", wallet_id, currency_id
    )
    held = _ZERO if row is None else Decimal(row["amount"])
    left = _EXACT.add(held, by)
    if left < 0:
        raise OverdrawnError
    created_at = created_at or (rfc3339(game.clock.now()) if row is None else row["created_at"])
    game.store.execute(
        "INSERT INTO balances (wallet_id, currency_id, amount, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (wallet_id, currency_id)"
        " DO UPDATE SET amount = excluded.amount, created_at = excluded.created_at",
        wallet_id, currency_id, written(left), created_at,
    )  # fmt: skip
    return {
        "amount": written(left),
        "currency_id": currency_id,
        "wallet_id": wallet_id,
        "created_at": created_at,
        **_holder(wallet),
    }


def _wallet(game: Game, wallet_id: str) -> sqlite3.Row:
    row = game.store.row("SELECT * FROM wallets WHERE id = ?", wallet_id)
    if row is None:
        raise not_found("wallet", "wallet_id")
    return row


def _holder(wallet: sqlite3.Row) -> dict[str, str]:
    return {"holder_type": wallet["holder_type"], "holder_id": wallet["holder_ulid"]}


def _document(game: Game, wallet: sqlite3.Row) -> dict[str, Any]:
    rows = game.store.rows(
        "SELECT m.*, c.name, c.code FROM wallet_modifiers m JOIN currencies c ON c.id = m.currency_id"
        " WHERE m.wallet_id = ? AND (m.expires_at IS NULL OR m.expires_at > ?) ORDER BY m.rowid",
        wallet["id"], game.clock.timestamp(),
    )  # fmt: skip
    return {
        "holder_id": wallet["holder_ulid"],
        "id": wallet["id"],
        "type": wallet["holder_type"],
        "modifiers": [
            {
                "currency_id": row["currency_id"],
                "currency_name": row["name"],
                "currency_code": row["code"],
                "factor": row["factor"],
                "created_at": row["created_at"],
                "expires_at": _date(row["expires_at"]),
            }
            for row in rows
        ],
    }


def _date(timestamp: int | None) -> str | None:
    return None if timestamp is None else rfc3339(datetime.fromtimestamp(timestamp, UTC))
