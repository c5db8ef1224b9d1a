"""The contract as the tests read it: its operations, with references followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import yaml

from lootlocker_async import routes
from lootlocker_async.routes import Route

PATH = Path(__file__).parent / "server-api.openapi.yaml"
VERBS = ("get", "post", "put", "patch", "delete")
SENT_BY_THE_CLIENT = {"LL-Version"}

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
    for base in bases:
        own = {**base, **own}
        own["properties"] = {**base.get("properties", {}), **own.get("properties", {})}
        own["required"] = [*own.get("required", ()), *base.get("required", ())]
    if bases:
        own["required"] = list(dict.fromkeys(own["required"]))
        own["allOf"] = [rule for rule in own["allOf"] if "if" in rule]
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

    def security(self) -> list[str]:
        return [name for choice in self.raw.get("security", contract()["security"]) for name in choice]


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


@cache
def implemented() -> tuple[Operation, ...]:
    """The operations that have a route."""
    known = {route.operation for route in routes.all_routes()}
    return tuple(operation for operation in operations() if operation.id in known)
