"""The contract as the tests read it: its operations, with references followed."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import yaml

from lootlocker_async import models, routes
from lootlocker_async.routes import Route

PATH = Path(__file__).parent / "server-api.openapi.yaml"
VERBS = ("get", "post", "put", "patch", "delete")
SENT_BY_THE_CLIENT = {"LL-Version"}
"""Its version of the API, and where the server key is a field of a body."""
CREDENTIALS = {"serverKey": "key", "serverSession": "token"}
TOKEN = re.compile(r"(^|_)tokens?$")

Schema = Mapping[str, Any]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves dates as the texts they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(PATH.read_text(encoding="utf-8"), _Loader)
    return loaded


def resolve(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the contract, with what it refers to in its place and its own keys beside."""
    own = dict(part)
    while "$ref" in own:
        found: Any = contract()
        for step in own.pop("$ref").removeprefix("#/").split("/"):
            found = found[step]
        own = {**found, **own}
    bases = [resolve(base) for base in own.get("allOf", ()) if "if" not in base]
    if bases:
        # What is said later is said more narrowly.
        parts = [*bases, own]
        whole = {key: value for part in parts for key, value in part.items()}
        fields = {name: field for part in parts for name, field in part.get("properties", {}).items()}
        required = dict.fromkeys(name for part in parts for name in part.get("required", ()))
        rules = [rule for rule in own["allOf"] if "if" in rule]
        return {**whole, "properties": fields, "required": [*required], "allOf": rules}
    return own


@attrs.frozen
class Parameter:
    """An argument of a path or a query."""

    name: str
    place: str
    required: bool
    schema: dict[str, Any]
    explode: bool
    example: Any


@attrs.frozen
class Body:
    """What a request carries."""

    kind: str
    schema: dict[str, Any]
    examples: tuple[Any, ...]


@attrs.frozen(eq=False)
class Operation:
    """One operation of the contract."""

    verb: str
    path: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["operationId"])

    @property
    def tag(self) -> str:
        (tag,) = self.raw["tags"]
        return str(tag)

    @property
    def method(self) -> str:
        return str(self.raw["x-method"])

    @property
    def paging(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.raw["x-pagination"]
        return found

    @property
    def cursor_param(self) -> str:
        assert self.paging is not None
        return str(self.paging.get("cursor_param") or self.paging["page_param"])

    def parameters(self) -> Iterator[Parameter]:
        """Every argument but what the client sends by itself."""
        for raw in self.raw.get("parameters", ()):
            told = resolve(raw)
            if told["name"] not in SENT_BY_THE_CLIENT:
                yield Parameter(
                    name=told["name"],
                    place=told["in"],
                    required=told.get("required", False),
                    schema=resolve(told["schema"]),
                    explode=told.get("explode", told.get("style", "form") == "form"),
                    example=told.get("example", attrs.NOTHING),
                )

    def path_parameters(self) -> list[Parameter]:
        """In the order of the path."""
        found = {parameter.name: parameter for parameter in self.parameters() if parameter.place == "path"}
        return [found[name] for name in re.findall(r"{(\w+)}", self.path)]

    def query_parameters(self) -> list[Parameter]:
        """Without those of the paging, which the paginator sends."""
        paging = {self.cursor_param, self.paging["size_param"]} if self.paging else set()
        return [found for found in self.parameters() if found.place == "query" and found.name not in paging]

    def parameter(self, name: str) -> Parameter:
        return next(found for found in self.parameters() if found.name == name)

    def body(self) -> Body | None:
        if "requestBody" not in self.raw:
            return None
        ((kind, content),) = resolve(self.raw["requestBody"])["content"].items()
        return Body(kind, resolve(content["schema"]), tuple(_examples(content)))

    def body_fields(self) -> dict[str, dict[str, Any]]:
        """Without those of one value alone, which nobody has to give."""
        body = self.body()
        fields = {} if body is None else {name: resolve(part) for name, part in body.schema["properties"].items()}
        return {name: part for name, part in fields.items() if "const" not in part}

    def required_fields(self) -> set[str]:
        body = self.body()
        fields = set(body.schema.get("required", ())) & self.body_fields().keys() if body else set[str]()
        return fields | {found.name for found in self.query_parameters() if found.required}

    def responses(self) -> dict[int, dict[str, Any]]:
        return {int(status): resolve(response) for status, response in self.raw["responses"].items()}

    def success(self) -> tuple[int, Body | None]:
        """The status of success, and the answer that comes with it."""
        ((status, response),) = [(status, told) for status, told in self.responses().items() if status < 300]
        if "content" not in response:
            return status, None
        ((kind, content),) = response["content"].items()
        return status, Body(kind, resolve(content["schema"]), tuple(_examples(content)))

    @property
    def route(self) -> Route:
        found: Route = getattr(routes, self.id.upper())
        return found

    @property
    def credential(self) -> str:
        """What authorises it, by the least of the choices that the contract gives."""
        choices: list[Mapping[str, Any]] = self.raw.get("security", contract()["security"])
        least = min(choices, key=len)
        return CREDENTIALS[next(iter(least))] if least else "none"

    @property
    def below_root(self) -> bool:
        """Whether it stands beside `/server` and not below it."""
        servers = self.raw.get("servers", contract()["servers"])
        return not any(server["url"].endswith("/server") for server in servers)

    def holds_tokens(self) -> bool:
        """Whether a text of its request or of its answer is a token by its name."""
        wholes = [whole.schema for whole in (self.body(), self.success()[1]) if whole is not None]
        fields = [field for _, part in walk(*wholes) for field in part.get("properties", {}).items()]
        return any(TOKEN.search(name) and "string" in str(part) for name, part in fields)


def _examples(content: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in content:
        yield content["example"]
    for example in content.get("examples", {}).values():
        yield example["value"]


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the contract."""
    return tuple(
        Operation(verb.upper(), path, item[verb])
        for path, item in contract()["paths"].items()
        for verb in VERBS
        if verb in item
    )


# ------------------------------------------------------------------------------------------------------------- schemas
def choices(part: Schema) -> list[Schema]:
    """What a value may be one of, without null: the part itself, where it names no choices."""
    found = [*part.get("anyOf", ()), *(part.get("oneOf", ()) if "properties" not in part else ())]
    return [choice for choice in found if choice.get("type") != "null"] or [part]


def _parts(part: Schema) -> Iterator[Schema]:
    """What stands right below a part: the parts of a sum, the choices, the items, the fields."""
    rules = [part, *part.get("allOf", ())]
    yield from (rule for rule in rules[1:] if "if" not in rule)
    yield from (rule["then"] for rule in rules if "then" in rule)
    yield from (choice for choice in choices(part) if choice is not part)
    yield from (part[key] for key in ("items", "additionalProperties") if isinstance(part.get(key), dict))
    yield from part.get("properties", {}).values()


def walk(*starts: Schema) -> Iterator[tuple[str, Schema]]:
    """Every part that can be come to, with its name (empty where it has none); a named one comes once."""
    names: set[str] = set()
    pending = list(starts)
    while pending:
        part = pending.pop()
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name in names:
            continue
        names |= {name} - {""}
        whole = resolve(part)
        yield name, whole
        pending += _parts(whole)


def _contents(told: Mapping[str, Any]) -> list[Schema]:
    return [content["schema"] for content in resolve(told).get("content", {}).values()]


@cache
def sent_schemas() -> frozenset[str]:
    """The named schemas of all requests."""
    starts = [part for found in operations() for part in _contents(found.raw.get("requestBody", {}))]
    return frozenset(name for name, _ in walk(*starts) if name)


@cache
def answered_schemas() -> frozenset[str]:
    """The named schemas of all answers of success."""
    starts = [part for found in operations() for part in _contents(found.responses()[found.success()[0]])]
    return frozenset(name for name, _ in walk(*starts) if name)


@cache
def classes() -> dict[str, type[Any]]:
    """Every public class of the models' files, by name."""
    found: dict[str, type[Any]] = {}
    for file in pkgutil.iter_modules(models.__path__, "lootlocker_async.models."):
        kinds_ = inspect.getmembers(importlib.import_module(file.name), inspect.isclass)
        found |= {name: kind for name, kind in kinds_ if kind.__module__ == file.name and not name.startswith("_")}
    return found


def schema(name: str) -> dict[str, Any]:
    """A named schema, its sum made."""
    return resolve({"$ref": f"#/components/schemas/{name}"})
