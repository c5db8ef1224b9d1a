"""Notifications, and orders of the old purchase system: what their contract can't say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lootlocker_async import InvalidRequestError, LootLockerClient
from lootlocker_async.models.notifications import NotificationPriority, NotificationProperty
from lootlocker_async.models.purchases import PurchaseOrderStatus
from tests.unit.support import Http

ARGUMENTS: dict[str, Any] = {
    "notification_type": "custom.guild.invitation",
    "priority": "high",
    "recipient": "01JKTE8JVA5M5HJVKEF9APCAA7",
}


@pytest.mark.parametrize(
    "content", [None, "", "text", 0, 1.5, True, [], [None], {}, {"guild": "Night Owls", "of": {"none": None}}]
)
async def test_content_is_any_json(client: LootLockerClient, http: Http, content: Any) -> None:
    http.answer("POST", "/notifications/v1", payload={})
    await client.notifications.send(**ARGUMENTS, content=content)
    assert json.loads(http.sent()[0][2]["data"]) == {**ARGUMENTS, "content": content}


async def test_models_and_mappings_go_out_alike(client: LootLockerClient, http: Http) -> None:
    http.answer("POST", "/notifications/v1", payload={})
    await client.notifications.send(
        **ARGUMENTS | {"priority": NotificationPriority.LOW},
        content=None,
        properties=[NotificationProperty(key="invited_by", value="Mirabel"), {"key": "guild_level", "value": "7"}],
    )
    sent = json.loads(http.sent()[0][2]["data"])
    assert sent["priority"] == "low"
    assert sent["properties"] == [{"key": "invited_by", "value": "Mirabel"}, {"key": "guild_level", "value": "7"}]


def nested() -> list[Any]:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


WRONG: dict[str, Any] = {
    "nan": float("nan"),
    "infinity": {"a": [float("inf")]},
    "object": object(),
    "half a character": {"k": "\ud800"},
    "no text as a key": {(1, 2): 3},
    "too deep": nested(),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_json_cannot_hold_stays_here(client: LootLockerClient, http: Http, what: str) -> None:
    with pytest.raises(InvalidRequestError):
        await client.notifications.send(**ARGUMENTS, content=WRONG[what])
    assert http.asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notification_type", "custom.guild"),
        ("notification_type", "Custom.guild.invitation"),
        ("notification_type", "custom.guild.invitation.now"),
        ("notification_type", "custom.guild.invitation\n"),
        ("recipient", "361"),
        ("recipient", ARGUMENTS["recipient"].lower()),
        ("recipient", ARGUMENTS["recipient"] + "\n"),
        ("priority", "emergency"),
        ("properties", [{"key": "level", "value": 7}]),
        ("properties", [{"key": "level", "value": "7", "kind": "x"}]),
        ("properties", {"key": "level", "value": "7"}),
    ],
)
async def test_what_is_out_of_form_stays_here(client: LootLockerClient, http: Http, name: str, value: Any) -> None:
    changed: dict[str, Any] = {**ARGUMENTS, "content": None, name: value}
    with pytest.raises(InvalidRequestError, match=name):
        await client.notifications.send(**changed)
    assert http.asked == []


# -------------------------------------------------------------------------------------------------------------- orders
@pytest.mark.parametrize("wire", ["succeeded", "SUCCEEDED", "Succeeded"])
async def test_the_state_of_an_order_comes_in_any_letter_case(client: LootLockerClient, http: Http, wire: str) -> None:
    http.answer("GET", "/player/361/purhcase/90812", payload={"order_status": wire})
    order = await client.purchases.get_status(361, "90812")
    assert order.order_status is PurchaseOrderStatus.SUCCEEDED
    assert order.products == ()
    assert {drift.kind for drift in client.drift} <= {"missing"}


async def test_a_new_state_of_an_order_stays_as_it_came(client: LootLockerClient, http: Http) -> None:
    http.answer("GET", "/player/361/purhcase/90812?no_products=true", payload={"order_status": "On Hold"})
    order = await client.purchases.get_status("361", "90812", no_products=True)
    assert (order.order_status, order.order_status.is_known) == ("On Hold", False)
    assert [drift.kind for drift in client.drift] == ["enum"]


@pytest.mark.parametrize("flag", [0, 1, "true", "", []])
async def test_odd_flags_stay_here(client: LootLockerClient, http: Http, flag: Any) -> None:
    with pytest.raises(InvalidRequestError, match="no_products"):
        await client.purchases.get_status(361, "90812", no_products=flag)
    assert http.asked == []
