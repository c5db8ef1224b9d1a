"""Every public method of a service and every model says all there is to say: the reference is made of it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import lootlocker_async
import lootlocker_async.models
from lootlocker_async import errors
from lootlocker_async.client import SECTIONS, LootLockerClient
from lootlocker_async.core.pagination import PageOptions, PositionalPageOptions
from lootlocker_async.models.base import OpenEnum, parsed
from lootlocker_async.routes import Route, all_routes

ROUTES = {route.operation: route for route in all_routes()}
# Whether these may be repeated depends on their arguments, so they say it in words of their own.
SAY_IT_THEMSELVES = {"metadata.apply_actions"}
# What makes no call of its own in the contract.
HELPERS = {"player_files.download", "player_files.stream"}
# What the caller's own functions and disk may raise.
OF_THE_CALLER = {"Exception", "OSError"}


# -------------------------------------------------------------------------------------------------------------- methods
def methods() -> Iterator[tuple[str, Any]]:
    for section in SECTIONS:
        module = importlib.import_module(f"lootlocker_async.services.{section}")
        (name,) = module.__all__
        for method_name, method in inspect.getmembers(getattr(module, name), inspect.isfunction):
            if not method_name.startswith("_"):
                yield f"{section}.{method_name}", method


METHODS = dict(methods())
OPERATIONS = [name for name in METHODS if name not in HELPERS]


def parts_of(text: str) -> dict[str, str]:
    """The sections of a docstring in Google's form, without what follows each at its margin."""
    parts = re.split(r"^(Args|Returns|Yields|Raises|Attributes):\n", text, flags=re.MULTILINE)
    assert len(set(parts[1::2])) == len(parts[1::2]), "a section stands twice"
    return dict(zip(parts[1::2], [re.split(r"\n(?=\S)", part)[0] for part in parts[2::2]], strict=True))


def named_in(part: str) -> list[str]:
    """What a section names, in its order; each name is followed by words."""
    return re.findall(r"^ {4}(\*{0,2}\w+): \S", part, re.MULTILINE)


def route_of(name: str) -> Route:
    return ROUTES[name.replace(".", "_")]


def test_every_route_has_its_method_and_every_method_its_route() -> None:
    assert sorted(name.replace(".", "_") for name in OPERATIONS) == sorted(ROUTES)
    client = LootLockerClient("key")
    assert all(callable(getattr(getattr(client, name.split(".")[0]), name.split(".")[1])) for name in METHODS)
    assert set(METHODS) >= HELPERS | SAY_IT_THEMSELVES


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_what_it_takes_gives_and_raises(name: str) -> None:
    method = METHODS[name]
    text = inspect.cleandoc(method.__doc__)
    parts = parts_of(text)
    summary, _, after = text.partition("\n")
    assert summary.endswith(".")
    assert after.startswith("\n")
    parameters = [it for it in inspect.signature(method).parameters.values() if it.name != "self"]
    expected = [f"**{it.name}" if it.kind is it.VAR_KEYWORD else it.name for it in parameters]
    assert named_in(parts.get("Args", "")) == expected
    assert ("Returns" in parts or "Yields" in parts) is (method.__annotations__["return"] != "None")
    raised = named_in(parts["Raises"])
    assert "CallError" in raised or name in HELPERS
    assert set(raised) <= {*errors.__all__, *OF_THE_CALLER}
    assert ("InvalidRequestError" in raised) is bool(parameters)
    assert len(set(raised)) == len(raised)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_method_says_whether_it_is_retried_and_where_it_goes(name: str) -> None:
    text = inspect.cleandoc(METHODS[name].__doc__)
    route = route_of(name)
    *_, retried, last = text.split("\n\n")
    assert last == f"{route.verb} {route.path}"
    assert text.count("Retried:") == 1
    assert re.match(r"Retried: (yes|only where)\b", retried)
    if name not in SAY_IT_THEMSELVES:
        certain = "Retried: only where it certainly was not executed"
        assert re.match(r"Retried: yes[.,] \w" if route.idempotent else rf"{certain}[.,] \w", retried)
        raised = named_in(parts_of(text)["Raises"])
        assert ("OutcomeUnknownError" in raised) is not route.idempotent


@pytest.mark.parametrize("name", [name for name in OPERATIONS if route_of(name).paging])
def test_a_paged_method_says_how_it_is_walked(name: str) -> None:
    text = parts_of(inspect.cleandoc(METHODS[name].__doc__))["Args"]
    paging = route_of(name).paging
    assert paging is not None
    options = PositionalPageOptions if paging.positional else PageOptions
    assert METHODS[name].__annotations__["paging"] == f"Unpack[{options.__name__}]"
    assert not [option for option in options.__annotations__ if f"`{option}`" not in text]
    assert f"`{options.__name__}`" in text
    assert f"{paging.max_size or paging.default_size or 100:,} by default" in text
    if paging.max_size:
        assert f"1 to {paging.max_size:,}" in text


# --------------------------------------------------------------------------------------------------------------- models
def models() -> Iterator[type]:
    for found in pkgutil.iter_modules(lootlocker_async.models.__path__):
        module = importlib.import_module(f"lootlocker_async.models.{found.name}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and not name.startswith("_"):
                yield kind


MODELS = list(models())


@pytest.mark.parametrize("kind", [kind for kind in MODELS if attrs.has(kind)], ids=lambda kind: kind.__name__)
def test_a_model_says_what_its_fields_are(kind: type) -> None:
    text = inspect.cleandoc(kind.__doc__ or "")
    assert re.match(r".+\.(\n\n|\Z)", text)
    documented = named_in(parts_of(text).get("Attributes", ""))
    fields = [field.name for field in attrs.fields(kind)]
    members = inspect.getmembers_static(kind)
    dates = {name for name, value in members if isinstance(value, parsed)}
    properties = {name for name, value in members if isinstance(value, property)}
    assert documented[: len(fields)] == fields
    assert dates <= set(documented[len(fields) :]) <= dates | properties
    assert len(set(documented)) == len(documented)
    assert not [name for name in properties - set(documented) if not inspect.getdoc(getattr(kind, name))]


@pytest.mark.parametrize(
    "kind", [kind for kind in MODELS if issubclass(kind, OpenEnum)], ids=lambda kind: kind.__name__
)
def test_an_enum_says_what_it_is_of(kind: type) -> None:
    assert re.match(r".+\.(\n\n|\Z)", inspect.cleandoc(kind.__dict__["__doc__"]))
