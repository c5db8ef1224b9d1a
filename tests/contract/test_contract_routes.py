"""The routes and the methods against the contract: each operation has both, they agree, and nothing is over."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pytest
from contract_deviations import ARGUMENTS, ENVELOPES, METHODS, deviates
from contract_spec import Operation, contract, operations, resolve
from contract_values import edges, kinds, misfits, schemas

from lootlocker_async import LootLockerClient, routes
from lootlocker_async.client import SECTIONS
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, PositionalPageOptions

KEY = "server-key-of-the-tests"
JSON = "application/json"


def service_of(tag: str) -> type[Service]:
    return type(getattr(LootLockerClient(KEY, domain_key="tests"), tag))


def method_of(operation: Operation) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(service_of(operation.tag), operation.method)
    return found


# ---------------------------------------------------------------------------------------------------------- the routes
def test_the_contract_is_whole() -> None:
    assert len(operations()) == 105
    assert all(operation.id == f"{operation.tag}_{operation.method}" for operation in operations())
    assert {operation.tag for operation in operations()} == set(SECTIONS)


def test_every_operation_has_its_route_and_no_other_is_there() -> None:
    ours = sorted(route.operation for route in routes.all_routes())
    assert ours == sorted(operation.id for operation in operations())


def test_the_route_agrees_with_the_contract(operation: Operation) -> None:
    route = operation.route
    assert (route.operation, route.verb, route.path) == (operation.id, operation.verb, operation.path)
    assert route.parameters == tuple(found.name for found in operation.path_parameters())
    assert route.idempotent is operation.raw["x-idempotent"]
    assert bool(route.why) is bool(operation.raw.get("x-idempotent-why"))
    assert route.repeat_done == set(operation.raw.get("x-repeat-done", ()))
    assert route.status == operation.success()[0]


def test_the_route_says_how_it_is_sent(operation: Operation) -> None:
    route, body = operation.route, operation.body()
    assert (route.credential, route.below_root) == (operation.credential, operation.below_root)
    assert route.secret is operation.holds_tokens()
    # The media type of a multipart form tells its boundary too, which each body draws anew.
    assert route.sends == {"multipart/form-data": ""}.get(body.kind if body else "", body.kind if body else JSON)


def test_what_the_name_of_a_path_argument_says_holds_everywhere() -> None:
    found = [parameter for operation in operations() for parameter in operation.path_parameters()]
    numeric = {parameter.name for parameter in found if kinds(parameter.schema) == {"integer"}}
    ulids = {parameter.name for parameter in found if parameter.schema.get("format") == "ulid"}
    assert (numeric, ulids) == (routes.NUMERIC, routes.ULIDS)
    assert not [it for it in found if (it.name in numeric) is not (kinds(it.schema) == {"integer"})]
    assert not [it for it in found if (it.name in ulids) is not (it.schema.get("format") == "ulid")]


def test_the_paging_agrees_with_the_contract(operation: Operation) -> None:
    if operation.paging is None:
        assert operation.route.paging is None
        return
    assert operation.route.paging is not None
    told = dict(operation.paging)
    ours = operation.route.paging._asdict()
    assert ours.pop("cursor_param") == operation.cursor_param
    told.pop("cursor_param", None)
    told.pop("page_param", None)
    assert {name: value for name, value in ours.items() if value not in {None, False}} == {
        name: value for name, value in told.items() if value not in {None, False}
    }
    assert told.keys() <= ours.keys()


def lead_elsewhere() -> Iterator[tuple[str, str, str]]:
    """Operation, path argument and the value that would make its address another route's."""
    for overlap in contract()["x-overlapping-paths"]:
        verb, _, paths = overlap.partition(" ")
        pair = [find(verb, path) for path in paths.split(" | ")]
        for one, other in (pair, pair[::-1]):
            steps = list(zip(one.path.split("/"), other.path.split("/"), strict=True))
            literals = [(name[1:-1], literal) for name, literal in steps if name[0:1] == "{" != literal[0:1]]
            captured = [(name[1:-1], literal) for literal, name in steps if name[0:1] == "{" != literal[0:1]]
            # A word where the other route has a number leads nowhere.
            if all("string" in kinds(other.parameter(name).schema) for name, _ in captured):
                yield from ((one.id, name, literal) for name, literal in literals)


def find(verb: str, path: str) -> Operation:
    return next(operation for operation in operations() if (operation.verb, operation.path) == (verb, path))


def test_values_that_lead_to_another_route_are_reserved(operation: Operation) -> None:
    words = [(name, literal) for of, name, literal in lead_elsewhere() if of == operation.id]
    names = {name for name, _ in words} - routes.NUMERIC - routes.ULIDS
    assert operation.route.reserved == {name: {word for of, word in words if of == name} for name in names}


# --------------------------------------------------------------------------------------------------------- the methods
def test_each_operation_has_its_method(operation: Operation) -> None:
    assert operation.tag in SECTIONS
    assert f"{operation.verb} {operation.path}" in (inspect.getdoc(method_of(operation)) or "")


@pytest.mark.parametrize("section", SECTIONS)
def test_each_method_is_an_operation(section: str) -> None:
    """Those that a service has from classes it is made of are its own as well."""
    classes = [home for home in service_of(section).__mro__ if home not in Service.__mro__]
    public = {
        name
        for home in classes
        for name, value in vars(home).items()
        if not name.startswith("_") and callable(getattr(home, name, value))
    }
    operations_ = {operation.method for operation in operations() if operation.tag == section}
    assert public == operations_ | {name.partition(".")[2] for name in METHODS if name.partition(".")[0] == section}


def arguments_of(operation: Operation) -> list[inspect.Parameter]:
    return list(inspect.signature(method_of(operation)).parameters.values())[1:]


def test_path_arguments_come_first(operation: Operation) -> None:
    names = [found.name for found in operation.path_parameters()]
    first = arguments_of(operation)[: len(names)]
    assert [found.name for found in first] == names
    assert all(found.kind is found.POSITIONAL_OR_KEYWORD and found.default is found.empty for found in first)


def test_all_else_is_named_as_in_the_contract(operation: Operation) -> None:
    rest = arguments_of(operation)[len(operation.path_parameters()) :]
    if operation.paging is not None:
        paging = rest.pop()
        assert paging.kind is paging.VAR_KEYWORD
    assert all(found.kind is found.KEYWORD_ONLY for found in rest)
    fields = [*(found.name for found in operation.query_parameters()), *operation.body_fields()]
    fields = [name for name in fields if not deviates("ours", operation.id, name)]
    extra = [found.argument for found in ARGUMENTS if found.kind == "extra" and found.operation == operation.id]
    assert sorted(found.name for found in rest) == sorted([*fields, *extra])
    optional = {name for name in fields if deviates("optional", operation.id, name)}
    assert optional <= operation.required_fields()
    required = operation.required_fields() & {*fields} - optional
    assert {found.name for found in rest if found.default is found.empty} == required


def test_paged_methods_take_the_options_of_their_paging(operation: Operation) -> None:
    hints = get_type_hints(method_of(operation))
    options = hints.get("paging")
    if operation.paging is None:
        assert options is None
        assert inspect.iscoroutinefunction(method_of(operation))
    else:
        expected = PositionalPageOptions if operation.paging.get("positional") else PageOptions
        assert options is not None
        assert options.__args__ == (expected,)


# ---------------------------------------------------------------------------------------------------- the declarations
def test_declared_deviations_are_about_something() -> None:
    for found in ARGUMENTS:
        about = [operation for operation in operations() if found.operation in {None, operation.id}]
        assert found.why
        assert any((found.argument in schemas(operation)) is (found.kind != "extra") for operation in about), found


def test_declared_values_are_met() -> None:
    """A deviation about some values stays only as long as the contract's edges or misfits have one of them."""
    for found in ARGUMENTS:
        values = {"type": misfits, "range": edges}.get(found.kind)
        about = [schemas(op) for op in operations() if found.operation in {None, op.id}]
        told = [arguments[found.argument] for arguments in about if found.argument in arguments]
        assert values is None or any(found.values(value) for schema in told for value in values(schema)), found


def test_declared_envelopes_hold_one_field() -> None:
    for name, field in ENVELOPES.items():
        (operation,) = [operation for operation in operations() if operation.id == name]
        body = operation.success()[1]
        assert body is not None
        assert list(body.schema["properties"]) == [field]


def test_references_are_followed() -> None:
    page = resolve({"$ref": "#/components/schemas/LeaderboardPage", "description": "ours"})
    assert (page["type"], page["description"]) == ("object", "ours")
