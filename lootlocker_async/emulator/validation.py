"""Holds requests to the contract, which ships compiled beside this module."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast
from urllib.parse import parse_qsl

import attrs
import msgspec

from lootlocker_async.emulator.bodies import FORM, MULTIPART, UploadedFile, read_form, read_multipart
from lootlocker_async.emulator.errors import ServiceError, bad_request, require

_INTEGER = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_JSON = "application/json"
_DEEP = 200
_REMEMBERED = 2048


class _Kind(Protocol):
    @property
    def name(self) -> str: ...


class _Violation(Protocol):
    @property
    def message(self) -> str: ...
    @property
    def instance_path(self) -> Sequence[str | int]: ...
    @property
    def kind(self) -> _Kind: ...


class _Validator(Protocol):
    def is_valid(self, instance: object) -> bool: ...
    def iter_errors(self, instance: object) -> Iterable[_Violation]: ...


class Received(NamedTuple):
    """What a request says besides its address.

    Attributes:
        path: The path arguments, decoded.
        query: The query string as it came.
        headers: Its headers, to be asked for by their names in lower case.
        body: Its body.
    """

    path: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen(kw_only=True)
class Arguments:
    """What a valid request says, with the types and defaults of the contract.

    Attributes:
        path: The path arguments.
        query: The query arguments.
        body: The body: JSON, or the fields of a form.
        raw: The body as it came.
        host: The host and the port that the request was sent to, as its sender knows them.
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    raw: bytes = attrs.field(default=b"", repr=False)
    host: str = "localhost"


class Contract:
    """The operations of the contract, each with what it takes.

    Args:
        compiled: The operations and schemas of the contract, as `contract.json.gz` has them.
    """

    def __init__(self, compiled: Mapping[str, Any]) -> None:
        self._operations = compiled["operations"]
        self._components = {"schemas": compiled["schemas"]}
        self._make = require("jsonschema_rs").Draft202012Validator
        self._validators: dict[tuple[str, str, str], _Validator] = {}
        # A game server sends the same few versions, keys and numbers again and again.
        self._remembered = lru_cache(_REMEMBERED)(self._read_scalar)

    def section(self, operation: str) -> str:
        """The section that an operation belongs to."""
        return cast("str", self._operations[operation]["section"])

    def validate(self, operation: str, received: Received) -> Arguments:
        """Reads a request.

        Args:
            operation: The contract's `operationId`.
            received: The request.

        Returns:
            Its arguments.

        Raises:
            ServiceError: It isn't what the contract says.
        """
        spec = self._operations[operation]
        scalar, (given, query, headers, body) = self._remembered, received
        for name in spec["header"]:
            scalar(operation, "header", name, headers.get(name.lower()))
        return Arguments(
            path={name: scalar(operation, "path", name, given[name]) for name in spec["path"]},
            query=self.query(operation, query) if query or spec["query"] else {},
            body=self._body(operation, received),
            raw=body,
            host=headers.get("host", "localhost"),
        )

    def takes_fields(self, operation: str, fields: Mapping[str, Any] | None) -> bool:
        """Whether the fields of a body are those that the contract names, each of its type.

        Args:
            operation: The contract's `operationId`.
            fields: The fields, any text in place of a file; None for no body.
        """
        body = self._operations[operation].get("body")
        if body is None or fields is None:
            return fields is None and not (body and body["required"])
        for kind, schema in body["content"].items():
            if not fields.keys() <= set(self._properties(schema)):
                return False
            try:
                self._check(operation, "body", kind, schema, fields)
            except ServiceError:
                return False
        return True

    def _properties(self, schema: Mapping[str, Any]) -> Iterable[str]:
        yield from schema.get("properties", ())
        if "$ref" in schema:
            yield from self._properties(self._components["schemas"][schema["$ref"].rpartition("/")[2]])
        for group in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(group, ()):
                yield from self._properties(part)

    def query(self, operation: str, text: str) -> dict[str, Any]:
        """Reads a query string.

        Args:
            operation: The contract's `operationId`.
            text: The query as it came.

        Returns:
            Its arguments, with the types and defaults of the contract.

        Raises:
            ServiceError: It isn't what the contract says.
        """
        spec = self._operations[operation]["query"]
        given: dict[str, list[str]] = {}
        for key, content in _pairs(text):
            if key not in spec:
                raise bad_request(f"There is no query parameter {key}", key)
            given.setdefault(key, []).append(content)
        values: dict[str, Any] = {}
        for name, parameter in spec.items():
            texts = given.get(name, [])
            value: object
            if "items" in parameter["schema"]:
                value = self._list(operation, name, texts)
            elif len(texts) > 1:
                raise bad_request(f"The query parameter {name} is there more than once", name)
            else:
                value = self._remembered(operation, "query", name, texts[0] if texts else None)
            if value is not None:
                values[name] = value
        return values

    def _list(self, operation: str, name: str, texts: list[str]) -> list[Any] | None:
        parameter = self._operations[operation]["query"][name]
        if not texts and not parameter["required"]:
            return None
        if not parameter["explode"]:
            if len(texts) > 1:
                raise bad_request(f"The query parameter {name} is there more than once", name)
            texts = [part for text in texts for part in text.split(",")]
        values = [_typed(text, parameter["schema"]["items"], name) for text in texts]
        self._check(operation, "query", name, parameter["schema"], values)
        return values

    def _read_scalar(self, operation: str, place: str, name: str, text: str | None) -> Any:  # noqa: ANN401 - JSON
        parameter = self._operations[operation][place][name]
        if text is None:
            if parameter["required"]:
                raise bad_request(f"The parameter {name} is missing", name, "parameter_missing")
            return parameter.get("default")
        value = _typed(text, parameter["schema"], name)
        try:
            self._check(operation, place, name, parameter["schema"], value)
        except ServiceError:
            if parameter.get("out_of_range_is_default") and isinstance(value, int):
                return parameter["default"]
            raise
        return value

    def _body(self, operation: str, received: Received) -> Any:  # noqa: ANN401 - JSON
        spec = self._operations[operation].get("body")
        if spec is None:
            if received.body:
                raise bad_request("This call takes no body", code="body_unexpected")
            return None
        if not received.body and not spec["required"]:
            return None
        content_type = received.headers.get("content-type", "")
        kind = media_type(content_type)
        if kind not in spec["content"]:
            expected = " or ".join(spec["content"])
            raise bad_request(f"The Content-Type must be {expected}", "Content-Type", "content_type_invalid")
        body = parse_body(content_type, received.body)
        shown = body
        if kind == MULTIPART:
            # A schema of JSON has no word for bytes; a file is a text in it.
            shown = {name: "" if isinstance(value, UploadedFile) else value for name, value in body.items()}
        self._check(operation, "body", kind, spec["content"][kind], shown)
        return body

    def _check(self, operation: str, place: str, name: str, schema: Mapping[str, Any], value: object) -> None:
        key = (operation, place, name)
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = self._make({**schema, "components": self._components})
        if validator.is_valid(value):
            return
        for violation in validator.iter_errors(value):
            raise _refusal(violation, None if place == "body" else name)


def _refusal(violation: _Violation, name: str | None) -> ServiceError:
    kind = violation.kind
    path = [str(part) for part in violation.instance_path]
    missing = kind.name == "required"
    if missing:
        path.append(cast("str", getattr(kind, "property", "")))
    elif kind.name == "additionalProperties":
        path.extend(cast("list[str]", getattr(kind, "unexpected", []))[:1])
    param = name or ".".join(path) or None
    if missing:
        return bad_request(f"The parameter {param} is missing", param, "parameter_missing")
    return bad_request(violation.message, param)


def _pairs(text: str) -> list[tuple[str, str]]:
    if not text:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request("The query is not UTF-8") from error


def _typed(text: str, schema: Mapping[str, Any], name: str) -> str | int | bool:
    kind = schema.get("type")
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise bad_request(f"The parameter {name} is not an integer", name)
        return int(text)
    if kind == "boolean":
        if text not in _BOOLEANS:
            raise bad_request(f"The parameter {name} is neither true nor false", name)
        return _BOOLEANS[text]
    return text


@lru_cache(maxsize=64)
def media_type(content_type: str) -> str:
    """The kind of a body in lower case and without parameters, as the header says it; empty where it doesn't."""
    return content_type.partition(";")[0].strip().lower()


def parse_body(content_type: str, data: bytes) -> Any:  # noqa: ANN401 - JSON, or fields
    """Reads a body of any kind; one that is no form is taken for JSON.

    Args:
        content_type: What the header says of it.
        data: The body.

    Raises:
        ServiceError: It is not what its header says.
    """
    kind = media_type(content_type)
    if kind == FORM:
        return read_form(data)
    if kind == MULTIPART:
        return read_multipart(data, content_type)
    return parse_json(data)


def parse_json(data: bytes) -> Any:  # noqa: ANN401 - JSON
    """Reads a body.

    Args:
        data: The body.

    Returns:
        What it says; a number without a fraction is an int, however it is written.

    Raises:
        ServiceError: It is not JSON, or not UTF-8, or far too deep.
    """
    try:
        document = _DECODER.decode(data)
        # What is deep may be read but not written.
        if data.count(b"[") + data.count(b"{") > _DEEP:
            json.dumps(document)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise bad_request("The body is not valid JSON", code="body_invalid") from error
    return document


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


# It refuses lone surrogates too, which can be written in JSON but not kept as text.
_DECODER = msgspec.json.Decoder(float_hook=_number)


@cache
def shipped_contract() -> Contract:
    """The contract that ships with the package."""
    return Contract(json.loads(gzip.decompress(Path(__file__).with_name("contract.json.gz").read_bytes())))
