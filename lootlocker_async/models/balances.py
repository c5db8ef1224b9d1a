"""Wallets: what they hold, and what multiplies it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import msgspec

from lootlocker_async.models.base import ONE_OR_MANY, AwareDatetime, OpenEnum, Seq, model
from lootlocker_async.models.constraints import Digits, Ulid, decimal_text, finite, known
from lootlocker_async.models.currencies import Currency

# What a request takes in several forms is made the wire's text at once; neither reader has a union for them.
if TYPE_CHECKING:
    AmountInput = Decimal | int | str
    MomentInput = datetime | str
else:
    AmountInput = MomentInput = Any


class WalletHolderType(OpenEnum):
    """Whether a character or a player holds a wallet."""

    CHARACTER = "character"
    PLAYER = "player"


@model
class WalletBalance:
    """What a wallet holds of one currency.

    Attributes:
        amount: The amount held.
        currency: The currency.
        wallet_id: The wallet's ULID.
        created_at: When the balance came to be.
        holder_type: Whether a character or a player holds the wallet.
        holder_id: The ULID of whoever holds the wallet.
    """

    amount: Decimal = attrs.field(validator=finite)
    currency: Currency
    wallet_id: str
    created_at: AwareDatetime | None = None
    holder_type: WalletHolderType | None = None
    holder_id: str | None = None


@model
class WalletBalanceList:
    """The balances of a wallet.

    Attributes:
        balances: One balance for each currency.
    """

    balances: Seq[WalletBalance]


@model
class WalletChangedBalance:
    """A balance after a credit or a debit; it names its currency by id alone.

    Attributes:
        amount: What the wallet holds of the currency now.
        currency_id: The currency's ULID.
        wallet_id: The wallet's ULID.
        created_at: When the balance came to be.
        holder_type: Whether a character or a player holds the wallet; real answers have been seen without it.
        holder_id: The ULID of whoever holds the wallet; real answers have been seen without it.
    """

    amount: Decimal = attrs.field(validator=finite)
    currency_id: str
    wallet_id: str
    created_at: AwareDatetime | None = None
    holder_type: WalletHolderType | None = None
    holder_id: str | None = None


@model
class WalletBalanceChangeRequest:
    """How much of which currency to add to, or take out of, which wallet.

    Attributes:
        amount: The amount as decimal digits.
        currency_id: The currency's ULID, not its code.
        wallet_id: The wallet's ULID.
    """

    amount: Digits
    currency_id: Ulid
    wallet_id: Ulid


@model
class WalletBalanceChangeResult:
    """The answer to a credit or a debit.

    Attributes:
        balance: The balance as it is now.
    """

    balance: WalletChangedBalance


@model
class WalletCreateRequest:
    """Whose wallet to create.

    Attributes:
        holder_id: The ULID of the player or the character.
        holder_type: Whether it is a character's or a player's.
    """

    holder_id: Ulid
    holder_type: WalletHolderType = attrs.field(validator=known)


@model
class WalletCreateResult:
    """The wallet that was created; its id is called `wallet_id` here and `id` in a wallet.

    Attributes:
        wallet_id: The new wallet's ULID.
    """

    wallet_id: str


@model
class WalletModifier:
    """A multiplier on one currency of a wallet.

    Attributes:
        currency_id: The currency's ULID.
        currency_name: The currency's name.
        currency_code: The currency's short code.
        factor: What amounts of the currency are multiplied by.
        created_at: When the modifier was made.
        expires_at: When the modifier ends; None where it doesn't.
    """

    currency_id: str
    currency_name: str | None = None
    currency_code: str | None = None
    factor: Decimal = attrs.field(validator=finite)
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


@model
class WalletModifierList:
    """The multipliers of a wallet.

    Attributes:
        modifiers: The multipliers.
    """

    modifiers: Seq[WalletModifier] = ()


@model
class WalletModifierInput:
    """A multiplier to give to a wallet.

    Attributes:
        currency_id: The currency's ULID, not its code.
        factor: What to multiply by: a `Decimal`, a whole number or a text of decimal digits, not a float and not
            negative. Kept as the text that goes out.
        expires_at: When it is to end: a `datetime` with a time zone or a text in RFC 3339 form; None for never. Kept as
            the text that goes out.
    """

    currency_id: Ulid
    factor: AmountInput
    expires_at: MomentInput | None = None

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "factor", decimal_text("factor", self.factor))
        if self.expires_at is not None:
            object.__setattr__(self, "expires_at", _moment_text("expires_at", self.expires_at))


@model
class WalletModifiersCreateRequest:
    """The multipliers to give to a wallet.

    Attributes:
        modifiers: One multiplier for each currency.
    """

    modifiers: Annotated[tuple[WalletModifierInput, ...], msgspec.Meta(min_length=1)]


@model
class Wallet:
    """A wallet, without what it holds.

    Attributes:
        holder_id: The ULID of whoever holds the wallet.
        id: The wallet's ULID.
        type: Whether a character or a player holds it.
        modifiers: The multipliers that apply to the wallet.
    """

    holder_id: str
    id: str
    type: WalletHolderType
    modifiers: Seq[WalletModifier] = attrs.field(default=(), metadata={ONE_OR_MANY: True})


def _moment_text(name: str, value: object) -> str:
    try:
        moment: datetime = msgspec.convert(value, AwareDatetime)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from None
    return value if isinstance(value, str) else moment.isoformat()
