"""Wallets and currencies through the SDK, over a real socket."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.errors import BadRequestError, ConflictError, NotFoundError, PermissionDeniedError

UNKNOWN = "01JZ6RHPGMB3EEVDPKH2BKJRVR"


@pytest.fixture
async def client(emulator):
    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def gold(emulator):
    return emulator.world.add_currency("gld", name="Gold")


@pytest.fixture
def holder(emulator):
    player = emulator.world.add_player("Aurelia")
    return emulator.game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]


async def test_the_life_of_a_wallet(client, gold, holder):
    with pytest.raises(NotFoundError):
        await client.balances.get_wallet_for_holder(holder)
    wallet = (await client.balances.create_wallet(holder_id=holder, holder_type="player")).wallet_id
    with pytest.raises(ConflictError):
        await client.balances.create_wallet(holder_id=holder, holder_type="player")
    assert (await client.balances.get_wallet_for_holder(holder)).id == wallet
    exact = Decimal("12345678901234567890123456789012345678901234567890.10")
    credited = await client.balances.credit(amount=exact, currency_id=gold, wallet_id=wallet)
    assert str(credited.balance.amount) == str(exact)
    debited = await client.balances.debit(amount="0.010", currency_id=gold, wallet_id=wallet)
    assert str(debited.balance.amount) == "12345678901234567890123456789012345678901234567890.090"
    (balance,) = (await client.balances.list(wallet)).balances
    assert (balance.amount, balance.currency.code) == (debited.balance.amount, "gld")
    assert (await client.balances.debit(amount=0, currency_id=gold, wallet_id=wallet)).balance.amount == balance.amount


async def test_a_character_holds_a_wallet(client, emulator):
    world = emulator.world
    character = world.add_character(world.add_player("Aurelia"), "Mage")
    holder = emulator.game.store.one("SELECT ulid FROM characters WHERE id = ?", character)["ulid"]
    wallet = (await client.balances.create_wallet(holder_id=holder, holder_type="character")).wallet_id
    found = await client.balances.get_wallet_for_holder(holder)
    assert (found.id, found.type, found.holder_id) == (wallet, "character", holder)


async def test_modifiers(client, emulator, gold, holder):
    wallet = (await client.balances.create_wallet(holder_id=holder, holder_type="player")).wallet_id
    ends = datetime(2100, 1, 1, tzinfo=UTC)
    (modifier,) = (
        await client.balances.create_wallet_modifiers(
            wallet, modifiers=[{"currency_id": gold, "factor": "1.5", "expires_at": ends}]
        )
    ).modifiers
    assert (modifier.factor, modifier.currency_code, modifier.expires_at) == (Decimal("1.5"), "gld", ends)
    assert (await client.balances.get_wallet(wallet)).modifiers == (modifier,)
    credited = await client.balances.credit(amount=5, currency_id=gold, wallet_id=wallet)
    assert credited.balance.amount == Decimal("7.5")
    with pytest.raises(NotFoundError):
        await client.balances.create_wallet_modifiers(wallet, modifiers=[{"currency_id": UNKNOWN, "factor": "2"}])


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"factor": "lots"}, "modifiers.0.factor"),
        ({"expires_at": "tomorrow"}, "modifiers.0.expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "modifiers.0.expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "modifiers.0.expires_at"),
    ],
)
async def test_wrong_modifiers(api, emulator, gold, wrong, param):
    wallet = emulator.world.add_wallet(player_id=emulator.world.add_player())
    body = {"modifiers": [{"currency_id": gold, "factor": "2", **wrong}]}
    assert (await api.refused("POST", f"/wallet/{wallet}/modifiers", 400, json=body))["param"] == param


async def test_a_refused_debit_has_no_code(client, emulator, gold):
    wallet = emulator.world.add_balance("gld", "1", player_id=emulator.world.add_player())
    with pytest.raises(PermissionDeniedError) as refused:
        await client.balances.debit(amount="1.000000000000000000000000000000001", currency_id=gold, wallet_id=wallet)
    assert refused.value.code == ""
    assert refused.value.request_id
    with pytest.raises(NotFoundError):
        await client.balances.debit(amount=1, currency_id=UNKNOWN, wallet_id=wallet)


async def test_many_debits_at_once_cannot_overdraw(client, emulator, gold):
    player = emulator.world.add_player()
    wallet = emulator.world.add_balance("gld", "2.50", player_id=player)

    async def spend(spender):
        try:
            await spender.balances.debit(amount="0.10", currency_id=gold, wallet_id=wallet)
        except PermissionDeniedError:
            return 0
        return 1

    async with LootLockerClient(emulator.server_key, base_url=emulator.base_url) as other:
        assert sum(await asyncio.gather(*(spend(spender) for _ in range(40) for spender in (client, other)))) == 25
    assert emulator.world.balances(player_id=player) == {"gld": Decimal("0.00")}


@pytest.mark.parametrize("amount", ["-1", "1e3", "", "1.", "NaN", "1\n", 1])
async def test_what_is_no_amount_is_refused(api, emulator, gold, amount):
    wallet = emulator.world.add_wallet(player_id=emulator.world.add_player())
    body = {"amount": amount, "currency_id": gold, "wallet_id": wallet}
    for change in ("credit", "debit"):
        assert (await api.refused("POST", f"/balances/{change}", 400, json=body))["param"] == "amount"


async def test_currencies(client, emulator, gold):
    emulator.world.add_currency("gem", published=False)
    listed = (await client.currencies.list()).currencies
    assert [(currency.code, currency.published_at is None) for currency in listed] == [("gld", False), ("gem", True)]
    with pytest.raises(BadRequestError):
        await client.balances.create_wallet_modifiers(
            emulator.world.add_wallet(player_id=emulator.world.add_player()),
            modifiers=[{"currency_id": gold, "factor": "2"}, {"currency_id": gold, "factor": "3"}],
        )
