"""Hypothesis over every model of an answer: both readers agree, and nonsense is a typed error with its place."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
import msgspec
from hypothesis import given, strategies as st

from lootlocker_async.core import converter, serde
from lootlocker_async.models.base import OpenEnum
from tests.fuzz.profile import looks
from tests.unit.wire import EVERY, fields_of, raw, read, refusal, some

# For each of some 160 models, which are much alike.
few = looks(5, 60)
DEPTH = 3


# ------------------------------------------------------------------------------------- JSON for a model, and odd twins
class Twin(typing.NamedTuple):
    """A value as the contract has it, and another way to send it that means the same."""

    clean: Any
    odd: Any


MISSING = object()
whole = st.integers(-(2**63), 2**64 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
free = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
dates = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
amounts = st.decimals(allow_nan=False, allow_infinity=False).map(str)


def same(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Twin]:
    return values.map(lambda value: Twin(value, value))


def either(values: st.SearchStrategy[Any], *others: Any) -> st.SearchStrategy[Twin]:
    """Twins of a value and of what other ways of writing make of it."""
    ways = st.sampled_from([lambda value: value, *others])
    return st.builds(lambda value, way: Twin(value, way(value)), values, ways)


def twins(hint: Any, depth: int = 0) -> st.SearchStrategy[Twin]:
    """Values for an annotation, each with an odd twin that loses nothing."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return twins(arguments[0], depth)
    if origin in {typing.Union, types.UnionType}:
        kinds = [kind for kind in arguments if kind is not types.NoneType]
        known = twins(kinds[0], depth) if len(kinds) == 1 else st.one_of([same(plainly(kind)) for kind in kinds])
        return known if len(kinds) == len(arguments) else known | st.just(Twin(None, None))
    if origin is tuple:
        items = st.just([]) if depth >= DEPTH else st.lists(twins(arguments[0], depth + 1), max_size=2)
        return items.map(lambda found: Twin([item.clean for item in found], [item.odd for item in found]))
    if origin is dict:
        entries = st.dictionaries(texts, twins(arguments[1], depth + 1), max_size=2)
        return entries.map(lambda found: Twin(*({k: twin[i] for k, twin in found.items()} for i in (0, 1))))
    if isinstance(hint, type) and attrs.has(hint):
        return objects(hint, depth + 1)
    return scalars(hint)


def scalars(hint: Any) -> st.SearchStrategy[Twin]:
    if isinstance(hint, type) and issubclass(hint, OpenEnum):
        return same(st.sampled_from([member.value for member in hint]) | texts)
    if hint is str:
        # A number where text is due keeps its digits.
        return same(texts) | whole.map(lambda number: Twin(str(number), number))
    if hint is int:
        return either(whole, str) | either(st.integers(-(2**53), 2**53), float, lambda number: f"{number}.0")
    if hint is bool:
        return either(st.booleans(), int, lambda flag: str(flag).lower())
    if hint is Decimal:
        return same(amounts) | whole.map(lambda number: Twin(str(number), number))
    return same({datetime: dates, float: st.floats(allow_nan=False, allow_infinity=False)}.get(hint, free))


def plainly(hint: Any) -> st.SearchStrategy[Any]:
    return {int: whole, bool: st.booleans()}.get(hint, texts)


@cache
def objects(into: type[Any], depth: int = 0) -> st.SearchStrategy[Twin]:
    """Objects of a model: fields left out, null containers, unknown fields beside."""
    parts = {}
    for name, (hint, required) in fields_of(into).items():
        if not required and depth >= DEPTH:
            continue
        known = st.deferred(lambda hint=hint: twins(hint, depth))
        parts[name] = known if required else known | st.just(Twin(MISSING, MISSING))
    return st.builds(
        _object, st.fixed_dictionaries(parts), st.dictionaries(st.sampled_from(["_x", "_y"]), free, max_size=1)
    )


def _object(found: dict[str, Twin], unknown: dict[str, Any]) -> Twin:
    clean = {name: twin.clean for name, twin in found.items() if twin.clean is not MISSING}
    return Twin(clean, {**{name: found[name].odd for name in clean}, **unknown})


# ------------------------------------------------------------------------------------------------- what is tolerated
@EVERY
@given(data=st.data())
@few
def test_what_loses_nothing_is_read(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    if not twin.clean:
        twin = Twin(some(into), some(into))
    assert read(raw(twin.odd), into) == read(raw(twin.clean), into)


@EVERY
@given(data=st.data())
@few
def test_both_readers_agree(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    body = raw(data.draw(mangled(twin.odd)) if data.draw(st.booleans()) else twin.odd)
    fast = attempt(lambda: serde.decoder(into).decode(body))
    slow = attempt(lambda: converter.structure(serde._plain(body), into))
    if fast is not REFUSED and slow is not REFUSED:
        assert fast == slow
    # What the fast one takes the tolerant one takes too: that it is slower is all its difference.
    assert fast is REFUSED or slow is not REFUSED


REFUSED = object()


def attempt(reader: Any) -> Any:
    try:
        return reader()
    except (msgspec.ValidationError, converter.Misfit):
        return REFUSED


def mangled(value: Any) -> st.SearchStrategy[Any]:
    """The same JSON with nonsense somewhere in it."""
    junk = free | st.sampled_from([[], {}, "", 0, 1.0, 1.5, 2, 2**70, -1, "1", "true", "1e400", 1e300, None, True])
    places = list(paths(value))
    return st.builds(lambda place, what: replaced(value, place, what), st.sampled_from(places), junk)


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield so_far
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*so_far, key))


def replaced(value: Any, place: tuple[Any, ...], what: Any) -> Any:
    if not place:
        return what
    head, *rest = place
    twin = dict(value) if isinstance(value, dict) else list(value)
    twin[head] = replaced(value[head], tuple(rest), what)
    return twin


@EVERY
@given(data=st.data())
@few
def test_nonsense_is_a_typed_error_with_its_place(into: type[Any], data: st.DataObject) -> None:
    value = data.draw(objects(into)).odd
    place = data.draw(st.sampled_from(list(paths(value))))
    junk = data.draw(st.sampled_from([[[]], {"a": {}}, 1.5, "no", None]))
    error = refusal(raw(replaced(value, place, junk)), into)
    if error is None:
        return
    assert error.reason == "shape"
    # What is told lies above the nonsense, or is the nonsense or a part of it; keys of maps stand in brackets.
    told = error.field.partition("['")[0]
    here = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    assert told.startswith("$")
    assert here.startswith(told) or told.startswith(here), (told, here)


@EVERY
@given(data=st.data())
@few
def test_plain_data_makes_the_round_trip(into: type[Any], data: st.DataObject) -> None:
    twin = data.draw(objects(into))
    value = converter.structure(serde._plain(raw(twin.clean)), into)
    plain = converter.to_dict(value)
    assert converter.from_dict(into, plain) == value
    assert converter.from_dict(into, json.loads(json.dumps(plain))) == value
    assert converter.to_dict(converter.from_dict(into, plain)) == plain
