"""The models against the contract: every schema has its class, every field is there, and is what the contract says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pytest
from contract_deviations import ANNOTATIONS, COMPUTED, INLINE, NO_MODEL, TWINS
from contract_spec import (
    TOKEN,
    Schema,
    answered_schemas,
    choices,
    classes,
    contract,
    resolve,
    schema,
    sent_schemas,
    walk,
)
from contract_values import kinds

from lootlocker_async import models
from lootlocker_async.models.base import _SOFT, OpenEnum

ENUM_KEYS = ("enum", "x-known-values")
PLAIN = {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}
EMPTY: Mapping[str, object] = {"str": "", "int": 0, "bool": False, "float": 0.0}


# ---------------------------------------------------------------------------------------------------------- the classes
def is_object(part: Schema) -> bool:
    return "properties" in part or (kinds(part) == {"object"} and "additionalProperties" not in part)


NAMED = sorted((answered_schemas() | sent_schemas()) - NO_MODEL.keys())
OBJECTS = [name for name in NAMED if is_object(schema(name))]
ENUMS = [name for name in NAMED if any(key in schema(name) for key in ENUM_KEYS)]
ANSWERS = [*(name for name in OBJECTS if name in answered_schemas()), *INLINE]
REQUESTS = [*(name for name in OBJECTS if name in sent_schemas() - answered_schemas()), *TWINS]


def schema_of(name: str) -> dict[str, Any]:
    """The schema of a class, also where the contract has it without a name or the class is the second one of it."""
    if name not in INLINE:
        return schema(TWINS.get(name, name))
    owner, field = INLINE[name]
    part = resolve(schema(owner)["properties"][field])
    return resolve(part.get("items") or choices(part)[0])


def test_every_schema_is_about_something() -> None:
    assert not [name for name in NAMED if name not in OBJECTS and name not in ENUMS]
    assert answered_schemas() | sent_schemas() | {"Error"} == contract()["components"]["schemas"].keys()


def test_every_schema_has_its_class() -> None:
    assert sorted({*OBJECTS, *ENUMS, *INLINE, *TWINS} - classes().keys()) == []
    assert [name for name in (*OBJECTS, *INLINE, *TWINS) if not attrs.has(classes()[name])] == []
    assert [name for name in ENUMS if not issubclass(classes()[name], OpenEnum)] == []


def test_every_class_has_its_schema() -> None:
    own = {name for name, kind in classes().items() if attrs.has(kind)}
    assert sorted(own - {*OBJECTS, *INLINE, *TWINS} - COMPUTED.keys()) == []


def test_objects_without_a_name_are_declared() -> None:
    """A field that holds an object of no named schema needs a class, and the contract doesn't say its name."""
    held = {
        (name, field)
        for name in OBJECTS
        for field, part in schema(name).get("properties", {}).items()
        if any("properties" in option and "$ref" not in option for option in (*choices(part), part.get("items", {})))
    }
    assert held == set(INLINE.values())


def test_every_public_class_is_exported() -> None:
    public = {name for name, kind in classes().items() if attrs.has(kind) or issubclass(kind, OpenEnum)} - {"OpenEnum"}
    assert sorted(public - set(dir(models))) == []


# ----------------------------------------------------------------------------------------------------------- the fields
@pytest.mark.parametrize("name", [*ANSWERS, *REQUESTS])
def test_fields_are_those_of_the_contract(name: str) -> None:
    ours = {field.name for field in attrs.fields(classes()[name])} - COMPUTED.get(name, {}).keys()
    assert ours == schema_of(name).get("properties", {}).keys()


@pytest.mark.parametrize("name", [*ANSWERS, *REQUESTS])
def test_each_field_is_documented(name: str) -> None:
    described = (inspect.getdoc(classes()[name]) or "").partition("Attributes:")[2]
    assert [it.name for it in attrs.fields(classes()[name]) if f"\n    {it.name}: " not in described] == []


def holds(part: Schema, owner: str, field: str) -> str:
    """What a field holds where it is there and not null, as an annotation."""
    name = str(part.get("$ref", "")).rpartition("/")[2]
    inline = next((given for given, place in INLINE.items() if place == (owner, field)), "")
    if name in NO_MODEL:
        return NO_MODEL[name].annotation
    if name:
        return name
    (own, *_) = choices(part)
    if own is not part:
        return holds(own, owner, field)
    found = kinds(part) - {"null"}
    if found == {"array"}:
        item = holds(part["items"], owner, field)
        return f"Seq[{item} | None]" if "null" in kinds(part["items"]) else f"Seq[{item}]"
    if "properties" in part:
        return inline
    if found == {"object"}:
        value = part["additionalProperties"]
        null = value is not True and "null" in kinds(value)
        return f"Map[{'Any' if value is True else holds(value, owner, field)}{' | None' if null else ''}]"
    if part.get("x-date-format") == "rfc3339":
        return "AwareDatetime"
    if found == {"integer", "boolean"}:
        return "bool"
    if found == {"string"} and TOKEN.search(field):
        return "Secret"
    return " | ".join(PLAIN[kind] for kind in ("integer", "number", "string", "boolean") if kind in found)


def annotation(owner: str, field: str, part: Schema, *, required: bool) -> str:
    """How a field of an answer is annotated, by the rules under "Presence"."""
    held = holds(part, owner, field)
    if held.startswith(("Seq[", "Map[")):
        return held
    if held == "Any":
        return held
    if "null" in kinds(part) or (held == "AwareDatetime" and not required):
        return f"{held} | None"
    return held if required else f"Soft[{held}]"


def fields_of_answers() -> Iterator[tuple[str, str]]:
    return ((name, field) for name in ANSWERS for field in schema_of(name).get("properties", {}))


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_typed_by_the_rules_of_presence(name: str) -> None:
    part, own = schema_of(name), inspect.get_annotations(classes()[name])
    properties, required = part.get("properties", {}), part.get("required", ())
    expected = {
        field: ANNOTATIONS.get((name, field)) or annotation(name, field, inner, required=field in required)
        for field, inner in properties.items()
    }
    told = {field: str(own[field]) for field in expected}
    for field in (field for field, inner in properties.items() if is_enum(inner)):
        # A set of values that has no name of its own may be an enum of ours or stay a text.
        bare = told[field].removeprefix("Soft[").removesuffix("]").removesuffix(" | None")
        if bare in classes() and issubclass(classes()[bare], OpenEnum):
            told[field] = told[field].replace(bare, "str")
    assert told == expected


def is_enum(part: Schema) -> bool:
    return "$ref" not in part and any(key in part for key in ENUM_KEYS)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_have_the_defaults_of_their_presence(name: str) -> None:
    part = schema_of(name)
    required = part.get("required", ())
    for field in attrs.fields(classes()[name]):
        if field.name in COMPUTED.get(name, {}):
            continue
        text = ANNOTATIONS.get((name, field.name), str(inspect.get_annotations(classes()[name])[field.name]))
        if text.startswith(("Seq[", "Map[")):
            # Absence of a list that has to be there is an error, and null is the empty one either way.
            absent: object = attrs.NOTHING if field.name in required else () if text.startswith("Seq[") else {}
        elif text.endswith("| None") or text == "Any":
            absent = None
        else:
            absent = attrs.NOTHING if field.name in required else EMPTY.get(text[5:-1], "")
        assert default_of(field) == absent, f"{name}.{field.name}"


def default_of(field: attrs.Attribute[Any]) -> object:
    if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        return field.default.factory()  # pyright: ignore[reportOptionalMemberAccess]
    return field.metadata.get(_SOFT, field.default)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_ask_for_what_is_required_and_no_more(name: str) -> None:
    part = schema_of(name)
    needed = {field for field in part.get("required", ()) if "const" not in resolve(part["properties"][field])}
    without_default = {field.name for field in attrs.fields(classes()[name]) if field.default is attrs.NOTHING}
    assert without_default == needed
    defaults = {it.name: it.default or None for it in attrs.fields(classes()[name]) if it.name not in needed}
    constant = {field: inner["const"] for field, inner in part["properties"].items() if "const" in inner}
    assert defaults == {**dict.fromkeys(defaults), **constant}


# ------------------------------------------------------------------------------------------------------ enums and dates
def enum_of(name: str) -> type[OpenEnum]:
    found: type[OpenEnum] = classes()[name]
    return found


@pytest.mark.parametrize("name", ENUMS)
def test_enums_know_the_values_of_the_contract(name: str) -> None:
    part = schema(name)
    members = {member.name: member.value for member in enum_of(name)}
    assert sorted(members.values()) == sorted(part.get("enum") or part["x-known-values"])
    assert all(key == value.upper().replace(" ", "_").replace(".", "_") for key, value in members.items())


@pytest.mark.parametrize("name", ENUMS)
def test_values_and_names_of_an_enum_are_told_apart(name: str) -> None:
    enum = enum_of(name)
    for member in enum:
        assert member.is_known
        assert enum(member.name).is_known is (member.name == member.value)
    assert not enum("brand_new").is_known


def loose_dates() -> Iterator[Any]:
    for name in ANSWERS:
        for field, part in schema_of(name).get("properties", {}).items():
            if resolve(part).get("x-date-format") not in {None, "rfc3339"}:
                yield pytest.param(name, field, id=f"{name}-{field}")


@pytest.mark.parametrize(("name", "field"), list(loose_dates()))
def test_loose_dates_can_be_had_as_datetimes(name: str, field: str) -> None:
    assert f"{field}_datetime" in vars(classes()[name])


# ---------------------------------------------------------------------------------------------------- the declarations
def test_declarations_about_models_are_about_something() -> None:
    fields = set(fields_of_answers())
    assert [place for place in ANNOTATIONS if place not in fields] == []
    assert [name for name in COMPUTED if name not in classes()] == []
    assert [name for name in NO_MODEL if name not in contract()["components"]["schemas"]] == []
    for name in TWINS:
        assert {TWINS[name]} <= answered_schemas() & sent_schemas()


def test_a_walk_comes_to_every_schema() -> None:
    page = {name for name, _ in walk({"$ref": "#/components/schemas/LeaderboardScorePage"}) if name}
    assert page >= {"LeaderboardScorePage", "LeaderboardScore", "IndexPagination", "LeaderboardPlayer"} & set(OBJECTS)
