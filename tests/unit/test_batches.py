"""Calls for more than one request can name: how they are cut, sent, put together, and what a failure keeps."""

from __future__ import annotations

import asyncio
import itertools
import json
import pickle
import re
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from aioresponses import CallbackResult
from hypothesis import given, settings, strategies as st
from yarl import URL

from lootlocker_async import InvalidRequestError, LootLockerClient, NotFoundError
from lootlocker_async.core import batches
from lootlocker_async.errors import BatchError, ClientClosedError, ConnectError
from lootlocker_async.models.player_storage import PlayerStorageSetEntry, PlayerStorageSetItem
from lootlocker_async.models.players import PlayerNameList
from tests.unit.conftest import Http, callback_result
from tests.unit.support import BASE

quick = settings(max_examples=60, deadline=None, database=None)
keys_of_any_length = st.lists(st.text(max_size=12), max_size=40)


# ------------------------------------------------------------------------------------------------------------- cutting
@quick
@given(keys_of_any_length, st.integers(1, 60))
def test_by_length_every_key_goes_out_once_in_order_and_has_room(keys: list[str], room: int) -> None:
    parts = batches.by_length(keys, batches.quoted_length, room)
    assert [key for part in parts for key in part] == keys
    assert all(parts) or not keys
    for part in parts:
        assert len(part) == 1 or sum(map(batches.quoted_length, part)) <= room
    for part, after in itertools.pairwise(parts):
        # No part is cut off sooner than it has to be.
        assert sum(map(batches.quoted_length, [*part, after[0]])) > room


@quick
@given(st.lists(st.integers(), max_size=60), st.integers(1, 9))
def test_by_count_every_key_goes_out_once_in_order_and_no_part_is_too_long(keys: list[int], most: int) -> None:
    parts = batches.by_count(keys, most)
    assert [key for part in parts for key in part] == keys
    assert all(len(part) == most for part in parts[:-1])
    assert len(parts[-1]) <= most


def test_nothing_is_one_empty_part() -> None:
    nothing: list[int] = []
    assert batches.by_count(nothing, 5) == [[]]
    assert [list(part) for part in batches.by_length(nothing, batches.quoted_length)] == [[]]


@quick
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(), max_size=9))
def test_a_quoted_length_is_never_too_small(values: list[str | int]) -> None:
    query = URL(BASE).with_query({"x": ",".join(map(str, values))}).raw_query_string
    assert len(query) - len("x=") <= sum(map(batches.quoted_length, values))


# ----------------------------------------------------------------------------------------------------- what's asked for
@pytest.mark.parametrize("values", ["12", b"12", 7, None, {"a": 1}, {1: 1}, (n for n in [1])])
def test_what_is_no_list_is_refused(values: Any) -> None:
    for check in (batches.numbers, batches.texts):
        with pytest.raises(InvalidRequestError, match="ids should be a list, not"):
            cast("Callable[[str, Any], Any]", check)("ids", values)


@pytest.mark.parametrize("value", [-1, 2**63, True, 1.0, "1", None])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="ids should be a list of whole numbers from 0 to"):
        batches.numbers("ids", [*range(2000), value])


@pytest.mark.parametrize("value", ["", 1, None, b"a"])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="ids should be a list of texts, none of them empty"):
        batches.texts("ids", ["a", value])


def test_lists_of_any_kind_are_taken() -> None:
    assert batches.numbers("ids", range(3)) == batches.numbers("ids", {0: 1, 1: 1, 2: 1}.keys()) == [0, 1, 2]
    assert batches.texts("ids", ("a", "b")) == ["a", "b"]
    assert batches.texts("ids", [""], shortest=0) == [""]
    with pytest.raises(InvalidRequestError, match="ids should hold 1 or more, not 0"):
        batches.texts("ids", [], least=1)
    with pytest.raises(InvalidRequestError, match="half a character"):
        batches.texts("ids", ["\ud83d", "\ude00"])


# ------------------------------------------------------------------------------------------------------------- sending
def joined(answers: Sequence[list[int]]) -> list[int]:
    return [value for answer in answers for value in answer]


def failed(part: object) -> ConnectError:
    return ConnectError(f"part {part}", sent=False, operation="tests", method="GET", path="/tests", request_id="r1")


PARTS = [[2 * number, 2 * number + 1] for number in range(50)]


async def test_answers_are_merged_in_order_and_few_are_under_way() -> None:
    running = most = 0

    async def send(part: Sequence[int]) -> list[int]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(50 - part[0] // 2):  # later parts are answered sooner
            await asyncio.sleep(0)
        running -= 1
        return list(part)

    assert await batches.in_parts(PARTS, send, joined) == list(range(100))
    assert most == 8


async def test_a_lone_part_is_a_plain_call() -> None:
    async def send(part: Sequence[int]) -> list[int]:
        raise failed(part)

    with pytest.raises(ConnectError) as caught:
        await batches.in_parts([[1, 2]], send, joined)
    assert type(caught.value) is ConnectError


async def test_a_failure_in_the_middle_says_which_part_and_keeps_what_arrived() -> None:
    begun: list[int] = []
    gate = asyncio.Event()

    async def send(part: Sequence[int]) -> list[int]:
        number = part[0] // 2
        begun.append(number)
        if number == 3:
            await asyncio.sleep(0)
            gate.set()
        await gate.wait()
        if number in {3, 5}:
            raise failed(number)
        return list(part)

    with pytest.raises(BatchError) as caught:
        await batches.in_parts(PARTS, send, joined)
    error = caught.value
    assert begun == list(range(8))
    assert (error.parts, [failure.part for failure in error.failures]) == (50, [3, 5])
    assert [failure.keys for failure in error.failures] == [(6, 7), (10, 11)]
    assert error.arrived == [0, 1, 2, 3, 4, 5, 8, 9, 12, 13, 14, 15]
    assert error.missing == (6, 7, 10, 11, *range(16, 100))
    assert error.__cause__ is error.failures[0].error
    assert (error.operation, error.request_id) == ("tests", "r1")
    assert "2 of the 50 calls of this batch failed, the first as part 3 (part 3)" in str(error)


async def test_nothing_arrived_where_every_part_failed() -> None:
    async def send(part: Sequence[int]) -> list[int]:
        raise failed(part[0])

    with pytest.raises(BatchError) as caught:
        await batches.in_parts(PARTS, send, joined)
    # The first failure came before another part was begun.
    assert (caught.value.arrived, len(caught.value.failures), len(caught.value.missing)) == (None, 1, 100)


async def test_the_error_of_a_batch_travels() -> None:
    async def send(part: Sequence[int]) -> list[int]:
        if part[0] == 4:
            raise failed(2)
        return list(part)

    with pytest.raises(BatchError) as caught:
        await batches.in_parts(PARTS[:3], send, joined)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert type(twin) is BatchError
    assert (twin.parts, twin.missing, twin.arrived) == (3, (4, 5), [0, 1, 2, 3])
    assert [(failure.part, failure.keys, str(failure.error)) for failure in twin.failures] == [
        (failure.part, failure.keys, str(failure.error)) for failure in caught.value.failures
    ]
    assert str(twin) == str(caught.value)


@pytest.mark.parametrize("kind", [ClientClosedError, ZeroDivisionError])
async def test_what_is_no_failure_of_a_call_is_raised_as_it_is(kind: type[Exception]) -> None:
    begun = []

    async def send(part: Sequence[int]) -> list[int]:
        begun.append(part)
        await asyncio.sleep(0)
        raise kind("closed")

    with pytest.raises(kind, match="closed"):
        await batches.in_parts(PARTS, send, joined)
    assert len(begun) == 8


async def test_cancellation_leaves_no_task() -> None:
    begun: list[Sequence[int]] = []
    ended: list[Sequence[int]] = []
    before, full = asyncio.all_tasks(), asyncio.Event()

    async def send(part: Sequence[int]) -> list[int]:
        begun.append(part)
        if len(begun) == 8:
            full.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(part)
        return list(part)

    task = asyncio.create_task(batches.in_parts(PARTS, send, joined))
    await full.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun == sorted(ended, key=list) == PARTS[:8]
    assert asyncio.all_tasks() == before


# ------------------------------------------------------------------------------------------------- through the services
Query = dict[str, list[str]]


class Answers:
    """Answers every request to a path by its query or body, and keeps what came."""

    def __init__(self, http: Http, verb: str, path: str, make: Callable[[Any], Any], status: int = 200) -> None:
        self.asked: list[Any] = []
        self.lengths: list[int] = []
        self._make, self._status = make, status
        http.add(re.compile(re.escape(BASE + path) + r"(\?.*)?$"), verb, callback=self._answer, repeat=True)

    def _answer(self, url: URL, **sent: Any) -> CallbackResult:
        query = url.raw_query_string
        self.lengths.append(len(query))
        self.asked.append(json.loads(sent["data"]) if sent.get("data") else parse_qs(query))
        found = self._make(self.asked[-1])
        if isinstance(found, int):
            return callback_result(status=found, payload={"code": "no", "message": "no"})
        return callback_result(status=self._status, payload=found)


def players_of(query: Query) -> Any:
    return {"players": [{"player_id": int(value)} for values in query.values() for value in values]}


async def test_names_of_10_000_players(client: LootLockerClient, http: Http) -> None:
    service = Answers(http, "GET", "/players/lookup/name", players_of)
    steam = [str(76561190000000000 + number) for number in range(5000)]
    found = await client.players.lookup_names(player_id=range(5000), steam_id=steam)
    # What answers here sorts queries, so that the order is that of the addresses as they were sent.
    queries = [parse_qs(urlsplit(url).query) for _, url, _ in http.sent("/players/lookup/name")]
    queries.sort(key=lambda query: int(next(iter(query.values()))[0]))
    assert [value for query in queries for value in query.get("player_id", [])] == [*map(str, range(5000))]
    assert [value for query in queries for value in query.get("steam_id", [])] == steam
    assert sorted(player.player_id for player in found.players) == [*range(5000), *map(int, steam)]
    assert max(service.lengths) <= batches.MAX_QUERY
    assert len(service.lengths) < 5000 * (28 + 17) / batches.MAX_QUERY * 1.1
    # The kinds of id share requests, as they share the room in one.
    assert any(query.keys() == {"player_id", "steam_id"} for query in service.asked)


async def test_names_that_are_missing_are_told_with_their_kind(client: LootLockerClient, http: Http) -> None:
    Answers(http, "GET", "/players/lookup/name", lambda query: 404 if "7" in query["player_id"] else players_of(query))
    with pytest.raises(BatchError) as caught:
        await client.players.lookup_names(player_id=range(1000))
    error = caught.value
    assert type(error.failures[0].error) is NotFoundError
    assert ("player_id", 7) in error.missing
    assert isinstance(error.arrived, PlayerNameList)
    arrived = [player.player_id for player in error.arrived.players]
    assert sorted([*arrived, *(value for _, value in error.missing)]) == list(range(1000))
    assert pickle.loads(pickle.dumps(error)).arrived == error.arrived


def storage_of(query: Query) -> Any:
    (ids,) = query["player_ids"]
    return {"items": [{"player_id": int(value), "items": []} for value in ids.split(",")]}


async def test_storage_of_10_000_players(client: LootLockerClient, http: Http) -> None:
    service = Answers(http, "GET", "/players/storage", storage_of)
    found = await client.player_storage.list(player_ids=range(10_000))
    assert [player.player_id for player in found.items] == list(range(10_000))
    assert max(service.lengths) <= batches.MAX_QUERY + len("player_ids=")


def deletions(service: Answers) -> list[tuple[str, str]]:
    return [
        (player_id, key)
        for query in service.asked
        for player_id in query["player_ids"][0].split(",")
        for key in query["keys"][0].split(",")
    ]


@pytest.mark.parametrize("number", [1, 30, 200])
async def test_every_key_of_every_player_is_deleted_once(client: LootLockerClient, http: Http, number: int) -> None:
    service = Answers(http, "DELETE", "/players/storage", lambda _query: {}, status=204)
    keys = [f"settings.difficulty.of.each.level.{position}" for position in range(number)]
    await client.player_storage.delete(player_ids=range(1, 1001), keys=keys)
    assert sorted(deletions(service)) == sorted((str(player_id), key) for player_id in range(1, 1001) for key in keys)
    assert max(service.lengths) <= batches.MAX_QUERY + len("player_ids=&keys=")


async def test_what_may_not_be_deleted_is_told(client: LootLockerClient, http: Http) -> None:
    service = Answers(
        http, "DELETE", "/players/storage", lambda query: 404 if "7," in query["player_ids"][0] else {}, status=204
    )
    with pytest.raises(BatchError) as caught:
        await client.player_storage.delete(player_ids=range(1, 2001), keys=["a", "b"])
    assert (7, ("a", "b")) in caught.value.missing
    done = {int(player_id) for player_id, _ in deletions(service)} - {found for found, _ in caught.value.missing}
    assert sorted([*done, *(player_id for player_id, _ in caught.value.missing)]) == list(range(1, 2001))


def accounts_of(body: dict[str, list[Any]]) -> Any:
    return {
        "player_platforms": [
            *({"player_id": ulid, "legacy_player_id": 0} for ulid in body.get("player_ids", [])),
            *({"player_id": "", "legacy_player_id": number} for number in body.get("legacy_player_ids", [])),
        ]
    }


async def test_accounts_of_25_players_at_a_time_over_both_lists(client: LootLockerClient, http: Http) -> None:
    service = Answers(http, "POST", "/connected-accounts/v1/list", accounts_of)
    ulids = [f"01HZ8Q2V6M4T9KDX3B7WNY{number:04}" for number in range(60)]
    found = await client.connected_accounts.list(player_ids=ulids, legacy_player_ids=range(1, 41))
    assert [player.player_id for player in found.player_platforms[:60]] == ulids
    assert [player.legacy_player_id for player in found.player_platforms[60:]] == list(range(1, 41))
    sizes = [len(body["player_ids"]) + len(body["legacy_player_ids"]) for body in service.asked]
    assert sizes == [25] * 4


async def test_one_wrong_id_among_thousands_keeps_all_of_them_here(client: LootLockerClient, http: Http) -> None:
    ids: list[Any] = [*range(10_000), "x"]
    texts: list[Any] = ["a"] * 10_000
    for call in (
        lambda: client.players.lookup_names(player_id=ids),
        lambda: client.players.lookup_names(player_name=[*texts, "\ud800"]),
        lambda: client.player_storage.list(player_ids=ids),
        lambda: client.player_storage.lookup(player_ids=ids),
        lambda: client.player_storage.delete(player_ids=ids, keys=["a"]),
        lambda: client.player_storage.delete(player_ids=[1], keys=[*texts, "a,b"]),
        lambda: client.player_storage.delete(player_ids=[1], keys=[*texts, ""]),
        lambda: client.player_storage.delete(player_ids=[1], keys=[]),
        lambda: client.player_storage.list(player_ids=[]),
        lambda: client.player_storage.set(payload=[{"player_id": 1, "sets": []}]),
        lambda: client.connected_accounts.list(legacy_player_ids=ids),
        lambda: client.connected_accounts.list(player_ids=[*texts, *ids[:1]]),
    ):
        with pytest.raises(InvalidRequestError):
            await call()
    assert http.asked == []


async def test_models_that_a_caller_made_are_checked_too(client: LootLockerClient, http: Http) -> None:
    wrong: Any = "7"
    sets = (PlayerStorageSetItem(key="k", value="v"),)
    for entry in (
        PlayerStorageSetEntry(player_id=wrong, sets=sets),
        PlayerStorageSetEntry(player_id=1, sets=()),
        PlayerStorageSetEntry(player_id=1, sets=(PlayerStorageSetItem(key="", value="v"),)),
    ):
        with pytest.raises(InvalidRequestError, match="payload"):
            await client.player_storage.set(payload=[entry])
    assert http.asked == []
