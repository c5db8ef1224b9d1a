"""Amounts of money: exact in and out, written with every digit; and the wallets that hold them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lootlocker_async import InvalidRequestError, LootLockerClient, from_dict, to_dict
from lootlocker_async.core import serde
from lootlocker_async.models.balances import (
    Wallet,
    WalletBalanceList,
    WalletHolderType,
    WalletModifier,
    WalletModifierInput,
    WalletModifiersCreateRequest,
)
from lootlocker_async.models.base import collect_drift
from lootlocker_async.models.constraints import decimal_text
from tests.unit.support import Http

ID = "01JZ6RHPGMB3EEVDPKH2BKJRVR"
WALLET = "01J4NPVS03Q98P7QF3WJA2N3W1"
CHANGED = {"balance": {"amount": "12750", "currency_id": ID, "wallet_id": WALLET}}


class Gift(IntEnum):
    SMALL = 5


class Text(str):
    __slots__ = ()


# ---------------------------------------------------------------------------------------------------- what goes out
@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("0.10"), "0.10"),
        (Decimal("-0"), "0"),
        (Decimal("0E+9"), "0"),
        (
            Decimal("12345678901234567890123456789012345678901234.5000001"),
            "12345678901234567890123456789012345678901234.5000001",
        ),
        (0, "0"),
        (2**200, str(2**200)),
        (Gift.SMALL, "5"),
        ("250", "250"),
        ("000.10", "000.10"),
        (Text("7.5"), "7.5"),
        ("9" * 1000, "9" * 1000),
        (10**999, "1" + "0" * 999),
    ],
)
def test_amounts_go_out_with_every_digit(amount: Any, text: str) -> None:
    written = decimal_text("amount", amount)
    assert (written, type(written)) == (text, str)


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (1.5, "not a float"),
        (10.0, "not a float"),
        (float("nan"), "not a float"),
        (True, "not bool"),
        (None, "not NoneType"),
        (b"1", "not bytes"),
        ([1], "not list"),
        (Decimal("NaN"), "not NaN or infinity"),
        (Decimal("sNaN"), "not NaN or infinity"),
        (Decimal("Infinity"), "not NaN or infinity"),
        (Decimal("-Infinity"), "not NaN or infinity"),
        (Decimal("-0.01"), "not a negative one"),
        (-1, "not a negative one"),
        *((text, "nothing but the digits") for text in ("", " 1", "1 ", "1\n", "1_0", "-1", "+1", "1e3", "1E+3")),
        *(
            (text, "nothing but the digits")
            for text in ("NaN", "Infinity", ".5", "1.", "1,5", "1.2.3", "0x1", "1" * 1001)
        ),
        *((text, "nothing but the digits") for text in ("\u0661", "\uff11", "\ud800", "1\ud800")),
        (Decimal("1E+999999"), "at most 1000 digits"),
        (Decimal("1E-999999"), "at most 1000 digits"),
        (10**1000, "at most 1000 digits"),
    ],
)
def test_what_is_no_exact_amount_is_refused(amount: Any, why: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"^amount has to .*{why}") as caught:
        decimal_text("amount", amount)
    str(caught.value).encode()


def test_a_number_too_long_to_be_shown_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="at most 1000 digits"):
        decimal_text("amount", 10**5000)


@given(
    st.decimals(min_value=0, allow_nan=False, allow_infinity=False, places=None).filter(
        lambda n: abs(n.adjusted()) < 400
    )
)
def test_no_amount_changes_on_its_way(amount: Decimal) -> None:
    text = decimal_text("amount", amount)
    assert Decimal(text) == amount
    assert set(text) <= set("0123456789.")
    assert decimal_text("amount", text) == text


@pytest.mark.parametrize("method", ["credit", "debit"])
@pytest.mark.parametrize("amount", [Decimal("2.5E+2"), 250, "250"])
async def test_credit_and_debit(client: LootLockerClient, http: Http, method: str, amount: Any) -> None:
    http.answer("POST", f"/balances/{method}", payload=CHANGED)
    found = await getattr(client.balances, method)(amount=amount, currency_id=ID, wallet_id=WALLET)
    ((_, _, sent),) = http.sent()
    assert json.loads(bytes(sent["data"])) == {"amount": "250", "currency_id": ID, "wallet_id": WALLET}
    assert found.balance.amount == Decimal(12750)
    assert found.balance.holder_id is None


@pytest.mark.parametrize("amount", [0.1, "1e3", -1, None, True, Decimal("NaN")])
async def test_a_wrong_amount_stays_here(client: LootLockerClient, http: Http, amount: Any) -> None:
    for method in (client.balances.credit, client.balances.debit):
        with pytest.raises(InvalidRequestError, match="amount has to be a Decimal"):
            await method(amount=amount, currency_id=ID, wallet_id=WALLET)
    assert http.asked == []


# ------------------------------------------------------------------------------------------------------ what comes in
@pytest.mark.parametrize(
    "raw", ['"123456789012345678901234567890.000000001"', "123456789012345678901234567890.000000001"]
)
def test_balances_keep_every_digit(raw: str) -> None:
    body = (
        f'{{"balances": [{{"amount": {raw}, "currency": {{"id": "{ID}", "code": "gld"}}, "wallet_id": "{WALLET}"}}]}}'
    )
    (balance,) = serde.decode(body.encode(), WalletBalanceList).balances
    assert str(balance.amount) == "123456789012345678901234567890.000000001"
    (same,) = from_dict(WalletBalanceList, to_dict(serde.decode(body.encode(), WalletBalanceList))).balances
    assert same == balance


MODIFIER = {"currency_id": ID, "factor": "1.5", "expires_at": "2025-08-08T00:00:00Z"}


def wallet(**fields: object) -> bytes:
    return json.dumps({"holder_id": ID, "id": WALLET, "type": "player", **fields}).encode()


@pytest.mark.parametrize(
    ("modifiers", "count"), [([], 0), (None, 0), ([MODIFIER], 1), ([MODIFIER, MODIFIER], 2), (MODIFIER, 1)]
)
def test_modifiers_are_a_list_however_they_come(modifiers: object, count: int) -> None:
    with collect_drift() as drift:
        found = serde.decode(wallet(modifiers=modifiers), Wallet)
    assert [(it.factor, it.expires_at) for it in found.modifiers] == [
        (Decimal("1.5"), datetime(2025, 8, 8, tzinfo=UTC))
    ] * count
    assert type(found.modifiers) is tuple
    assert drift == []
    assert from_dict(Wallet, to_dict(found)) == found
    assert from_dict(Wallet, json.loads(wallet(modifiers=modifiers))) == found


def test_a_clean_wallet_stays_on_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serde, "_decode_refused", None)
    assert len(serde.decode(wallet(modifiers=[MODIFIER]), Wallet).modifiers) == 1
    assert serde.decode(wallet(), Wallet).modifiers == ()


@pytest.mark.parametrize("modifiers", [5, "text", True, {}, {"currency_id": ID}, [[MODIFIER]], {"a": MODIFIER}])
def test_modifiers_that_are_nonsense_are_named(modifiers: object) -> None:
    with pytest.raises(serde.Unreadable) as caught:
        serde.decode(wallet(modifiers=modifiers), Wallet)
    assert caught.value.field.startswith("$.modifiers")


def test_lists_elsewhere_take_no_lone_object() -> None:
    with pytest.raises(serde.Unreadable) as caught:
        serde.decode(b'{"balances": {"amount": "1"}}', WalletBalanceList)
    assert caught.value.field == "$.balances"


@pytest.mark.parametrize(
    ("raw", "factor"),
    [('"1.10"', "1.10"), ("1.10", "1.10"), ("2", "2"), ("0.1000000000000000000001", "0.1000000000000000000001")],
)
@pytest.mark.parametrize("lone", [True, False])
def test_factors_are_exact_as_text_and_as_number(raw: str, factor: str, lone: bool) -> None:
    modifier = f'{{"currency_id": "{ID}", "factor": {raw}}}'
    body = f'{{"holder_id": "h", "id": "w", "type": "player", "modifiers": {modifier if lone else f"[{modifier}]"}}}'
    (found,) = serde.decode(body.encode(), Wallet).modifiers
    assert (str(found.factor), found.created_at) == (factor, None)


@pytest.mark.parametrize("factor", ["NaN", "Infinity", "-Infinity", "much", None, True])
def test_factors_are_finite(factor: object) -> None:
    with pytest.raises(serde.Unreadable, match=r"(?i)factor|decimal"):
        serde.decode(wallet(modifiers=[{"currency_id": ID, "factor": factor}]), Wallet)


# --------------------------------------------------------------------------------------------------- giving multipliers
LATER = datetime(2025, 8, 8, 1, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize("factor", [Decimal("1.50"), "1.50"])
@pytest.mark.parametrize("given_as", [dict, WalletModifierInput])
async def test_multipliers_go_out_as_text(
    client: LootLockerClient, http: Http, factor: Any, given_as: type[Any]
) -> None:
    http.answer("POST", f"/wallet/{WALLET}/modifiers", payload={"modifiers": [{"currency_id": ID, "factor": 1.5}]})
    made = [
        given_as(currency_id=ID, factor=factor, expires_at=LATER),
        given_as(currency_id=ID, factor=2, expires_at="2025-08-08T00:00:00.5Z"),
        given_as(currency_id=ID, factor=Decimal("1E+1")),
    ]
    found = await client.balances.create_wallet_modifiers(WALLET, modifiers=made)
    ((_, _, sent),) = http.sent()
    assert json.loads(bytes(sent["data"])) == {
        "modifiers": [
            {"currency_id": ID, "factor": "1.50", "expires_at": "2025-08-08T01:30:00+02:00"},
            {"currency_id": ID, "factor": "2", "expires_at": "2025-08-08T00:00:00.5Z"},
            {"currency_id": ID, "factor": "10"},
        ]
    }
    assert found.modifiers == (WalletModifier(currency_id=ID, factor=Decimal("1.5")),)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"factor": 1.5}, "modifiers.*factor has to be a Decimal.* not a float"),
        ({"factor": "1e3"}, "modifiers.*factor has to be"),
        ({"factor": Decimal("NaN")}, "modifiers.*factor has to be"),
        ({"factor": -1}, "modifiers.*factor has to be"),
        ({"factor": None}, "modifiers.*factor has to be"),
        ({"expires_at": datetime(2025, 8, 8)}, "modifiers.*expires_at"),  # noqa: DTZ001  (that's the point)
        ({"expires_at": "2025-08-08T00:00:00"}, "modifiers.*expires_at"),
        ({"expires_at": "soon"}, "modifiers.*expires_at"),
        ({"expires_at": "\ud800"}, "modifiers"),
        ({"expires_at": 1723075200}, "modifiers.*expires_at"),
        ({"currency_id": "gld"}, "modifiers"),
        ({"brand_new": 1}, "brand_new"),
    ],
)
async def test_wrong_multipliers_stay_here(
    client: LootLockerClient, http: Http, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        await client.balances.create_wallet_modifiers(WALLET, modifiers=[{"currency_id": ID, "factor": 1, **changes}])
    for nothing in ([], None, {}):
        with pytest.raises(InvalidRequestError, match="modifiers"):
            await client.balances.create_wallet_modifiers(WALLET, modifiers=nothing)  # type: ignore[arg-type]
    assert http.asked == []


def test_a_multiplier_made_by_hand_is_held_to_the_same() -> None:
    made = WalletModifierInput(currency_id=ID, factor=Decimal("1E+1"), expires_at=LATER)
    assert (made.factor, made.expires_at) == ("10", "2025-08-08T01:30:00+02:00")
    assert from_dict(WalletModifierInput, to_dict(made)) == made
    assert serde.validate({"modifiers": [made]}, WalletModifiersCreateRequest).modifiers == (made,)
    with pytest.raises(InvalidRequestError, match="not a float"):
        WalletModifierInput(currency_id=ID, factor=0.5)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------- wallets
@pytest.mark.parametrize("holder_type", ["player", WalletHolderType.PLAYER])
async def test_a_wallet_is_made_for_a_holder(client: LootLockerClient, http: Http, holder_type: Any) -> None:
    http.answer("POST", "/wallet", payload={"wallet_id": WALLET})
    found = await client.balances.create_wallet(holder_id=ID, holder_type=holder_type)
    ((_, _, sent),) = http.sent()
    assert json.loads(bytes(sent["data"])) == {"holder_id": ID, "holder_type": "player"}
    assert found.wallet_id == WALLET


@pytest.mark.parametrize("holder_type", ["PLAYER", "hero", "", None, 1])
async def test_other_holders_stay_here(client: LootLockerClient, http: Http, holder_type: Any) -> None:
    with pytest.raises(InvalidRequestError, match="holder_type"):
        await client.balances.create_wallet(holder_id=ID, holder_type=holder_type)
    assert http.asked == []


def test_a_new_value_that_is_a_members_name_is_not_known() -> None:
    found = serde.decode(wallet(type="PLAYER"), Wallet)
    assert (found.type, found.type.is_known) == ("PLAYER", False)


async def test_a_games_currencies(client: LootLockerClient, http: Http) -> None:
    http.answer("GET", "/currencies", payload={"currencies": [{"id": ID, "code": "gld", "published_at": None}]})
    (gold,) = (await client.currencies.list()).currencies
    assert (gold.id, gold.code, gold.published_at, gold.game_api_writes_enabled) == (ID, "gld", None, False)
