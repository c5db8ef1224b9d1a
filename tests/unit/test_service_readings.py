"""What some services read out of answers beyond what stands there, or leave out of requests."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from lootlocker_async import LootLockerClient
from lootlocker_async.models.loot_boxes import LootBoxContent, LootBoxInspection
from tests.unit.support import BASE, Http, callback_result

PLAYER = "01HZ8Q2V6M4T9KDX3B7WNYRC5E"


# ---------------------------------------------------------------------------------------------------------- characters
@pytest.mark.parametrize(
    ("flags", "default"),
    [
        ({"default": True}, True),
        ({"default": False}, False),
        ({"is_default": True}, True),
        ({"is_default": False}, False),
        ({"default": None, "is_default": True}, True),
        ({}, False),
    ],
)
async def test_the_flag_of_a_character_is_read_under_either_name(
    client: LootLockerClient, http: Http, flags: dict[str, Any], default: bool
) -> None:
    items = [{"id": 6101, "ulid": PLAYER, "name": "Hallveig", "type": "Warden", **flags}]
    http.answer("GET", "/player/7/characters", payload={"items": items})
    (character,) = (await client.characters.list(7)).items
    assert character.default is default
    assert (character.id, character.ulid, character.name, character.type) == (6101, PLAYER, "Hallveig", "Warden")


# ------------------------------------------------------------------------------------------------------------- friends
def friends_of(http: Http, count: int, *, cap: int, form: str) -> None:
    """A service with so many friends, in pages of at most `cap`, with a certain form of `pagination`."""

    def answer(url: Any, **_kwargs: Any) -> Any:
        page, size = int(url.query.get("page", 1)), min(cap, int(url.query["per_page"]))
        start = (page - 1) * size
        shown = [{"player_id": f"p{number}"} for number in range(start, min(start + size, count))]
        more = page + 1 if start + size < count else None
        pagination: dict[str, Any] | None = {"total": count}
        if form == "page":
            pagination = {"total": count, "current_page": page, "next_page": more}
        elif form == "cursor":
            pagination = {"total": count, "next_cursor": "x" if more else None}
        elif form == "none":
            pagination = None
        return callback_result(payload={"friends": shown, "pagination": pagination})

    http.add(re.compile(re.escape(f"{BASE}/player/friends/{PLAYER}")), "GET", callback=answer, repeat=True)


@pytest.mark.parametrize("form", ["page", "cursor", "total"])
@pytest.mark.parametrize("count", [0, 1, 50, 60, 100, 101, 250])
@pytest.mark.parametrize("cap", [50, 1000])
async def test_all_friends_come_whatever_the_form_of_the_pagination(
    client: LootLockerClient, http: Http, form: str, count: int, cap: int
) -> None:
    friends_of(http, count, cap=cap, form=form)
    found = await client.friends.list(PLAYER).collect()
    assert [friend.player_id for friend in found] == [f"p{number}" for number in range(count)]


async def test_friends_without_a_pagination_come_whole(client: LootLockerClient, http: Http) -> None:
    friends_of(http, 30, cap=1000, form="none")
    assert len(await client.friends.list(PLAYER).collect()) == 30
    assert len(http.sent("/friends/")) == 1


# ---------------------------------------------------------------------------------------------------------- loot boxes
def test_odds_are_exact_and_make_a_whole() -> None:
    rare, common = LootBoxContent(asset_id=1, weight=1), LootBoxContent(asset_id=2, weight=2)
    odds = LootBoxInspection(contents=(rare, common)).odds
    assert odds == {rare: Fraction(1, 3), common: Fraction(2, 3)}
    assert sum(odds.values()) == 1


def test_odds_of_contents_that_are_alike_add_up() -> None:
    twin, other = LootBoxContent(asset_id=1, weight=5), LootBoxContent(asset_id=1, asset_variation_id=3, weight=10)
    assert LootBoxInspection(contents=(twin, other, twin)).odds == {twin: Fraction(1, 2), other: Fraction(1, 2)}


def test_odds_of_nothing_are_nothing() -> None:
    void = LootBoxContent(asset_id=1, weight=0)
    assert LootBoxInspection(contents=()).odds == {}
    assert LootBoxInspection(contents=(void,)).odds == {void: 0}


# --------------------------------------------------------------------------------------------------------- drop tables
@pytest.mark.parametrize(
    ("details", "query"), [(True, "?asset_details=true&tag=epic"), (False, "?tag=epic"), (None, "?tag=epic")]
)
async def test_details_of_a_draw_are_asked_for_by_the_word_true_or_not_at_all(
    client: LootLockerClient, http: Http, details: bool | None, query: str
) -> None:
    http.answer("POST", f"/player/7/droptables/9/compute{query}", payload={"items": [{"id": 1, "asset_id": 2}]})
    found = await client.drop_tables.compute_and_lock(7, 9, asset_details=details, tag="epic")
    assert found.items[0].asset is None
