"""Reading what is not quite what the contract says: it is understood, or refused with the place of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
from contract_calls import make
from contract_deviations import assert_keeps
from contract_oddities import STRANGER, Place, oddities, places, put, told, written
from contract_server import CannedServer
from contract_spec import Operation, classes, operations
from contract_values import answers, calls
from hypothesis import given, strategies as st

from lootlocker_async import LootLockerClient, ResponseDecodeError
from lootlocker_async.core import converter, serde
from tests.fuzz.profile import looks

some = looks(8, 100)
REFUSED = object()


@cache
def wholes() -> dict[str, tuple[dict[str, Any], tuple[Any, ...]]]:
    """The schema of every answer by its name, and the values that the contract has for it, the full one last."""
    found: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {}
    for operation in operations():
        status, body = operation.success()
        if body is not None:
            (content,) = operation.responses()[status]["content"].values()
            _, before = found.get(name_of(content["schema"]), ({}, ()))
            found[name_of(content["schema"])] = (content["schema"], (*before, *answers(operation).values()))
    return found


def name_of(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


NAMES = sorted(wholes())
EVERY = pytest.mark.parametrize("name", NAMES)


def read(value: Any, into: Any) -> Any:
    return serde.decode(json.dumps(value).encode(), into)


def refusal(value: Any, into: Any) -> serde.Unreadable | None:
    try:
        read(value, into)
    except serde.Unreadable as error:
        return error
    return None


def attempt(reader: Callable[[], Any]) -> Any:
    try:
        return reader()
    except (msgspec.ValidationError, converter.Misfit):
        return REFUSED


def assert_readers_agree(value: Any, into: Any) -> None:
    """What both accept they read alike, and the tolerant one takes all that the fast one takes."""
    body = json.dumps(value).encode()
    fast = attempt(lambda: serde.decoder(into).decode(body))
    slow = attempt(lambda: converter.structure(serde._plain(body), into))
    if fast is not REFUSED:
        assert fast == slow
        assert repr(fast) == repr(slow)
    if slow is not REFUSED and value:
        assert repr(read(value, into)) == repr(slow)


def has_a_field(value: Any, into: Any) -> bool:
    """Whether anything is left that the answer could be about."""
    return (
        not isinstance(value, dict) or not value or bool(value.keys() & {field.name for field in into.__attrs_attrs__})
    )


@EVERY
@given(data=st.data())
@some
def test_what_is_odd_means_what_is_plain(name: str, data: st.DataObject) -> None:
    schema, values = wholes()[name]
    into = classes()[name]
    tree = data.draw(st.sampled_from(values))
    for _ in range(data.draw(st.integers(1, 6))):
        found = [(place, odd) for place in places(tree, schema) for odd in oddities(place) if place.path]
        if found:
            place, odd = data.draw(st.sampled_from(found))
            tree = put(tree, place.path, odd)
    if data.draw(st.booleans()):
        tree = {**tree, STRANGER: data.draw(st.sampled_from([None, [], 1e300]))}
    odd, clean = written(tree, clean=False), written(tree, clean=True)
    clean.pop(STRANGER, None)
    if not has_a_field(odd, into):
        return
    model = read(clean, into)
    assert_keeps(model, clean)
    assert read(odd, into) == model
    assert_readers_agree(odd, into)


@EVERY
@given(data=st.data())
@some
def test_nonsense_is_refused_with_its_place_or_read_alike(name: str, data: st.DataObject) -> None:
    schema, values = wholes()[name]
    into = classes()[name]
    value = data.draw(st.sampled_from(values))
    place = data.draw(
        st.sampled_from([place for place in places(value, schema) if place.path] or [*places(value, schema)])
    )
    junk = data.draw(st.sampled_from([[[]], [], {}, {"a": {}}, 1.5, "no", "", None, True, -1, 2**70, "1e400"]))
    spoilt = put(value, place.path, junk)
    if not has_a_field(spoilt, into):
        return
    error = refusal(spoilt, into)
    if error is not None:
        assert error.reason == "shape"
        assert place.field.startswith(error.field) or error.field.startswith(place.field)
    assert_readers_agree(spoilt, into)


def required_places(value: Any, schema: dict[str, Any]) -> Iterator[Place]:
    """The places of fields that have to be there, each once and not for every item that has it."""
    seen: set[tuple[str, ...]] = set()
    for place in places(value, schema):
        # A thing inside its like is read as that is.
        steps = tuple(step for step in place.path if isinstance(step, str))
        if place.must_be_there and steps[-3:] not in seen:
            seen.add(steps[-3:])
            yield place


@EVERY
def test_what_has_to_be_there_is_named_at_any_depth(name: str) -> None:
    schema, values = wholes()[name]
    into = classes()[name]
    for place in required_places(values[-1], schema):
        for missing in (True, False):
            spoilt = put(values[-1], place.path, None)
            if missing:
                spoilt = without(values[-1], place.path)
            elif place.is_container:
                read(spoilt, into)
                continue
            with pytest.raises(serde.Unreadable) as caught:
                read(spoilt, into)
            assert (caught.value.reason, caught.value.field) == ("shape", place.field)


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    owner = value
    for step in path[:-1]:
        owner = owner[step]
    return put(value, path[:-1], {key: part for key, part in owner.items() if key != path[-1]})


def test_an_answer_of_which_no_field_is_known_may_hold_any() -> None:
    assert read({"id": 1}, classes()["NotificationSendResult"]) == read({}, classes()["NotificationSendResult"])


def test_the_places_are_those_of_the_whole_answer() -> None:
    schema, values = wholes()["InventoryPage"]
    fields = {place.field for place in required_places(values[-1], schema)}
    assert {"$.total", "$.items", "$.items[0].instance_id", "$.items[0].asset.id"} <= fields
    assert told(("a", 0, "b")) == "$.a[0].b"


async def test_clients_tell_what_was_missing_and_that_it_was_executed(
    client: LootLockerClient, server: CannedServer, operation: Operation
) -> None:
    status, body = operation.success()
    if body is None:
        return
    (content,) = operation.responses()[status]["content"].values()
    whole, call = answers(operation)["all"], calls(operation)["all"]
    server.answer_login = operation.id != "session_start"
    for place in [*required_places(whole, content["schema"])][:6]:
        server.will_answer(status, without(whole, place.path))
        error = await refused(client, operation, call)
        assert (error.field, error.operation, error.status) == (place.field, operation.id, status)
        assert place.field in str(error)
        assert error.executed is True
    for odd in (b"", b"<html>no</html>", b"[]", b'"no"', b"\xff", json.dumps(whole).encode()[:-1]):
        server.will_answer(status, odd)
        error = await refused(client, operation, call)
        assert (error.field, error.operation, error.executed) == ("$", operation.id, True)


async def refused(client: LootLockerClient, operation: Operation, call: Any) -> ResponseDecodeError:
    with pytest.raises(ResponseDecodeError) as caught:
        await make(client, operation, call)
    return caught.value
