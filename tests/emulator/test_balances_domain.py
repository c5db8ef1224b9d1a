"""The domain logic of wallets and currencies, without sockets."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from lootlocker_async.emulator import Clock, ServiceError, World, currencies, rewards, wallets
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.wallets import Modifier, OverdrawnError

AMOUNTS = st.from_regex(r"[0-9]{1,45}(\.[0-9]{1,45})?", fullmatch=True)
UNKNOWN = "01JZ6RHPGMB3EEVDPKH2BKJRVR"
DEBITS = """
import sys
from decimal import Decimal
from lootlocker_async.emulator.game import Game, Settings
from lootlocker_async.emulator.wallets import OverdrawnError, debit
game = Game(Settings(server_key="key"), state=sys.argv[1])
done = 0
for _ in range(60):
    try:
        debit(game, sys.argv[2], sys.argv[3], Decimal("0.1"))
        done += 1
    except OverdrawnError:
        pass
game.close()
print(done)
"""


@pytest.fixture
def gold(world):
    return world.add_currency("gld", name="Gold")


@pytest.fixture
def player(world):
    return world.add_player("Aurelia")


@pytest.fixture
def wallet(world, player):
    return world.add_wallet(player_id=player)


def refusal(function, *arguments, **options):
    with pytest.raises(ServiceError) as refused:
        function(*arguments, **options)
    return refused.value.status, refused.value.param


def held(game, wallet):
    return [balance["amount"] for balance in wallets.list_balances(game, wallet)["balances"]]


def test_currencies_are_found_by_id_and_by_code(game, world, gold, check_answer):
    gems = world.add_currency("gem", game_api_writes_enabled=True, published=False)
    listed = currencies.list_all(game)
    check_answer("currencies_list", 200, listed)
    assert [currency["id"] for currency in listed["currencies"]] == [gold, gems]
    assert currencies.by_code(game, "gld")["name"] == "Gold"
    assert currencies.by_id(game, gems) == currencies.by_code(game, "gem")
    assert (currencies.by_code(game, "gem")["name"], currencies.by_code(game, "gem")["published_at"]) == ("gem", None)
    assert refusal(currencies.by_code, game, "GLD") == (404, "currency_code")
    assert refusal(currencies.by_id, game, UNKNOWN) == (404, "currency_id")
    assert refusal(world.add_currency, "gld") == (409, "code")
    assert refusal(world.add_currency, "other", currency_id=gold) == (409, "code")


def test_what_comes_in_goes_out_again(game, wallet, gold, check_answer):
    assert wallets.list_balances(game, wallet) == {"balances": []}
    made = wallets.credit(game, wallet, gold, Decimal(250))
    game.clock.advance(60)
    assert wallets.debit(game, wallet, gold, Decimal("0.50")) == {**made, "amount": "249.50"}
    check_answer("balances_credit", 200, {"balance": made})
    answer = wallets.list_balances(game, wallet)
    check_answer("balances_list", 200, answer)
    (balance,) = answer["balances"]
    assert (balance["amount"], balance["currency"]["code"], balance["holder_type"]) == ("249.50", "gld", "player")


def test_no_digit_and_no_scale_is_lost(game, wallet, gold):
    big = "9" * 60 + "." + "0" * 59 + "1"
    wallets.credit(game, wallet, gold, wallets.amount(big))
    wallets.credit(game, wallet, gold, wallets.amount("0.1"))
    assert held(game, wallet) == ["9" * 60 + ".1" + "0" * 58 + "1"]
    wallets.debit(game, wallet, gold, wallets.amount(big))
    assert held(game, wallet) == ["0.1" + "0" * 59]
    wallets.debit(game, wallet, gold, wallets.amount("0.1"))
    assert held(game, wallet) == ["0." + "0" * 60]


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_wallet_holds_the_exact_sum(amounts):
    game = Game(Settings(server_key="key"), clock=Clock(frozen=True))
    try:
        world = World(game)
        gold, wallet = world.add_currency("gld"), world.add_wallet(player_id=world.add_player())
        for amount in amounts:
            wallets.credit(game, wallet, gold, wallets.amount(amount))
        (full,) = held(game, wallet)
        assert Fraction(full) == sum(map(Fraction, amounts))
        for amount in amounts:
            wallets.debit(game, wallet, gold, wallets.amount(amount))
        (empty,) = held(game, wallet)
        assert Fraction(empty) == 0
        assert not empty.startswith("-")
    finally:
        game.close()


def test_more_than_a_wallet_holds_is_refused_without_a_code(game, wallet, gold, check_answer):
    assert refusal(wallets.debit, game, wallet, gold, Decimal(1)) == (403, None)
    wallets.credit(game, wallet, gold, Decimal("1.5"))
    with pytest.raises(OverdrawnError) as refused:
        wallets.debit(game, wallet, gold, Decimal("1.5000000000000000000000000000000000000000001"))
    document = refused.value.document("request", "trace")
    assert document.keys() == {"message", "request_id", "trace_id"}
    assert held(game, wallet) == ["1.5"]
    assert wallets.debit(game, wallet, gold, Decimal("1.5"))["amount"] == "0.0"


def test_nothing_is_an_amount_too(game, wallet, gold):
    assert wallets.debit(game, wallet, gold, Decimal(0))["amount"] == "0"
    assert wallets.credit(game, wallet, gold, Decimal(0))["amount"] == "0"


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "1.", ".5", "NaN", "Infinity", "1 ", "1\n", "\u0661", "0x1"])
def test_what_is_no_amount(text):
    assert refusal(wallets.amount, text) == (400, "amount")


@pytest.mark.parametrize("amount", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_amounts_are_not_negative(game, wallet, gold, amount):
    for change in (wallets.credit, wallets.debit, wallets.put):
        assert refusal(change, game, wallet, gold, amount) == (400, "amount")


def test_unknown_wallets_and_currencies(game, wallet, gold):
    for change in (wallets.credit, wallets.debit):
        assert refusal(change, game, UNKNOWN, gold, Decimal(0)) == (404, "wallet_id")
        assert refusal(change, game, wallet, UNKNOWN, Decimal(0)) == (404, "currency_id")
    assert refusal(wallets.get, game, UNKNOWN) == (404, "wallet_id")
    assert refusal(wallets.list_balances, game, UNKNOWN) == (404, "wallet_id")
    assert refusal(wallets.set_modifiers, game, UNKNOWN, []) == (404, "wallet_id")


def test_players_and_characters_have_one_wallet_each(game, world, player, check_answer):
    character = world.add_character(player, "Mage")
    ulid = game.store.one("SELECT ulid FROM characters WHERE id = ?", character)["ulid"]
    owner = game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]
    assert refusal(wallets.get_for_holder, game, owner) == (404, "holder_id")
    first = wallets.create(game, owner, "player")
    second = wallets.create(game, ulid, "character")
    answer = wallets.get_for_holder(game, ulid)
    check_answer("balances_get_wallet_for_holder", 200, answer)
    assert answer == {"holder_id": ulid, "id": second, "type": "character", "modifiers": []}
    assert wallets.get(game, first) == {"holder_id": owner, "id": first, "type": "player", "modifiers": []}
    assert refusal(wallets.create, game, owner, "player") == (409, "holder_id")
    assert refusal(wallets.create, game, owner, "character") == (404, "holder_id")
    assert (wallets.wallet_of(game, owner, "player"), wallets.wallet_of(game, ulid, "character")) == (first, second)
    assert refusal(wallets.wallet_of, game, UNKNOWN, "player") == (404, "holder_id")


def test_a_wallet_is_made_when_it_is_first_needed(game, world, player):
    owner = game.store.one("SELECT ulid FROM players WHERE id = ?", player)["ulid"]
    assert wallets.wallet_of(game, owner, "player") == wallets.get_for_holder(game, owner)["id"]


def test_a_modifier_multiplies_what_comes_in_until_it_ends(game, world, wallet, gold, check_answer):
    gems = world.add_currency("gem")
    ends = game.clock.now() + timedelta(hours=1)
    answer = wallets.set_modifiers(game, wallet, [Modifier(gold, Decimal("1.50"), ends), Modifier(gems, Decimal(0))])
    check_answer("balances_create_wallet_modifiers", 200, answer)
    assert [(entry["currency_code"], entry["factor"]) for entry in answer["modifiers"]] == [
        ("gld", "1.50"),
        ("gem", "0"),
    ]
    check_answer("balances_get_wallet", 200, wallets.get(game, wallet))
    assert wallets.credit(game, wallet, gold, Decimal("1.1"))["amount"] == "1.650"
    assert wallets.credit(game, wallet, gems, Decimal(7))["amount"] == "0"
    assert wallets.debit(game, wallet, gold, Decimal("1.1"))["amount"] == "0.550"
    game.clock.advance(3600)
    assert wallets.credit(game, wallet, gold, Decimal(1))["amount"] == "1.550"
    assert [entry["currency_id"] for entry in wallets.get(game, wallet)["modifiers"]] == [gems]


def test_a_modifier_takes_the_place_of_another(game, wallet, gold):
    wallets.set_modifiers(game, wallet, [Modifier(gold, Decimal(2))])
    (modifier,) = wallets.set_modifiers(game, wallet, [Modifier(gold, Decimal(3))])["modifiers"]
    assert (modifier["factor"], modifier["expires_at"]) == ("3", None)
    twice = [Modifier(gold, Decimal(4)), Modifier(gold, Decimal(5))]
    assert refusal(wallets.set_modifiers, game, wallet, twice) == (400, "modifiers")
    assert refusal(wallets.set_modifiers, game, wallet, [Modifier(UNKNOWN, Decimal(4))]) == (404, "modifiers")
    assert wallets.get(game, wallet)["modifiers"] == [modifier]


def test_a_reward_lands_in_the_wallet(world, game, player, gold):
    coins = [world.add_reward("currency", currency_code="gld", amount=amount) for amount in ("0.10", "2")]
    rewards.pay(game, player, world.add_reward("group", name="Coins", reward_ids=coins))
    assert world.balances(player_id=player) == {"gld": Decimal("2.10")}


def test_the_world_names_holders_by_id(world, game, player, gold):
    assert refusal(world.add_wallet) == (400, "player_id")
    assert refusal(world.add_wallet, player_id=1, character_id=1) == (400, "player_id")
    assert refusal(world.add_wallet, player_id=424242) == (404, "player_id")
    assert refusal(world.add_wallet, character_id=424242) == (404, "character_id")
    assert refusal(world.add_balance, "gld", "-1", player_id=player) == (400, "amount")
    wallet = world.add_balance("gld", 5, player_id=player)
    assert world.add_balance("gld", Decimal("1E+2"), player_id=player) == wallet
    assert world.balances(player_id=player) == {"gld": Decimal(105)}


def test_an_exported_world_loads_to_the_same(world, game, player, gold):
    character = world.add_character(player, "Mage", default=True)
    world.add_currency("gem", published=False, game_api_writes_enabled=True)
    world.add_balance("gld", "12.50", player_id=player)
    game.clock.advance(5)
    world.add_balance("gem", "0.1", character_id=character)
    world.add_wallet_modifier("gld", "1.5", player_id=player, expires_at="2030-01-01T00:00:00Z")
    world.add_wallet_modifier("gem", "2", character_id=character, expires_at=datetime(2031, 1, 1))  # noqa: DTZ001
    copied_game = Game(Settings(server_key="key"), clock=Clock(datetime(2027, 1, 1, tzinfo=UTC), frozen=True), seed=9)
    copy = World(copied_game)
    copied = copy.add_player("Aurelia", player_id=player)
    copy.add_character(copied, "Mage", default=True, character_id=character)
    kinds = (
        ("currencies", copy.add_currency),
        ("wallets", copy.add_wallet),
        ("balances", copy.add_balance),
        ("wallet_modifiers", copy.add_wallet_modifier),
    )
    for kind, add in kinds:
        exported = getattr(world, f"export_{kind}")()
        assert exported
        for arguments in exported:
            add(**arguments)
        assert getattr(copy, f"export_{kind}")() == exported
    copied_game.close()


@pytest.fixture
def purse(tmp_path):
    """A state file in which a wallet holds 5, enough for 50 debits of 0.1."""
    state = tmp_path / "state.db"
    game = Game(Settings(server_key="key"), state=state)
    world = World(game)
    gold = world.add_currency("gld")
    wallet = world.add_balance("gld", 5, player_id=world.add_player())
    game.close()
    return state, wallet, gold


def spend_in_another_process(purse):
    command = [sys.executable, "-c", DEBITS, *map(str, purse)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_two_processes_cannot_overdraw(purse):
    state, wallet, gold = purse
    game = Game(Settings(server_key="key"), state=state)
    for _ in range(20):
        wallets.debit(game, wallet, gold, Decimal("0.1"))
    # A process that has the state has it alone.
    refused = spend_in_another_process(purse)
    assert refused.returncode
    assert "another emulator is running on it" in refused.stderr
    assert held(game, wallet) == ["3.0"]
    game.close()
    spent = spend_in_another_process(purse)
    assert (spent.returncode, spent.stdout) == (0, "30\n")
    game = Game(Settings(server_key="key"), state=state)
    assert held(game, wallet) == ["0.0"]
    assert refusal(wallets.debit, game, wallet, gold, Decimal("0.1")) == (403, None)
    game.close()
