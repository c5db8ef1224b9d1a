"""Compiles the contract into the emulator's `contract.json.gz`: what validating requests needs, and nothing else.

Run it as `python -m tests.emulator.compile_contract [CONTRACT]` whenever the contract has changed.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lootlocker_async.emulator import validation

SOURCE = Path(__file__).parents[1] / "contract" / "server-api.openapi.yaml"
TARGET = Path(validation.__file__).with_name("contract.json.gz")

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_INTEGERS = {"int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}
_KEPT = frozenset({
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "exclusiveMaximum", "exclusiveMinimum", "if",
    "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
    "multipleOf", "not", "oneOf", "pattern", "properties", "required", "then", "type",
    "uniqueItems",
})  # fmt: skip
_OUT_OF_RANGE = re.compile(r"out of range")
_PREFIX = "#/components/schemas/"


def compile_contract(contract: Mapping[str, Any]) -> dict[str, Any]:
    """The operations with their parameters and bodies, and the schemas that the bodies refer to.

    Args:
        contract: The whole OpenAPI document.

    Returns:
        `operations` by `operationId`, and `schemas` by name.
    """
    operations = {
        operation["operationId"]: _operation(contract, operation)
        for item in contract["paths"].values()
        for verb, operation in item.items()
        if verb in _VERBS
    }
    schemas: dict[str, Any] = {}
    wanted = sorted(set(_references(operations)))
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = _schema(contract["components"]["schemas"][name])
            wanted.extend(_references(schemas[name]))
    return {"operations": operations, "schemas": dict(sorted(schemas.items()))}


def _operation(contract: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    compiled: dict[str, Any] = {"section": operation["tags"][0], "path": {}, "query": {}, "header": {}}
    for reference in operation.get("parameters", ()):
        parameter = _resolve(contract, reference)
        compiled[parameter["in"]][parameter["name"]] = _parameter(parameter)
    if "requestBody" in operation:
        body = operation["requestBody"]
        compiled["body"] = {
            "required": body.get("required", False),
            "content": {kind: _schema(media["schema"]) for kind, media in body["content"].items()},
        }
    return compiled


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    compiled = {
        "required": parameter.get("required", False),
        "schema": _schema(parameter["schema"]),
        "explode": parameter.get("explode", True),
    }
    if "default" in parameter["schema"]:
        compiled["default"] = parameter["schema"]["default"]
    if _OUT_OF_RANGE.search(parameter.get("description", "")):
        compiled["out_of_range_is_default"] = True
    return compiled


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key in _KEPT & schema.keys():
        value = schema[key]
        if key == "properties":
            kept[key] = {name: _schema(sub) for name, sub in value.items()}
        elif isinstance(value, Mapping):
            kept[key] = _schema(value)
        elif key in {"allOf", "anyOf", "oneOf"}:
            kept[key] = [_schema(sub) for sub in value]
        else:
            kept[key] = value
    if schema.get("format") in _INTEGERS:
        low, high = _INTEGERS[schema["format"]]
        kept["minimum"] = max(low, schema.get("minimum", low))
        kept["maximum"] = min(high, schema.get("maximum", high))
    return dict(sorted(kept.items()))


def _resolve(contract: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = contract
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return _resolve(contract, target)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_PREFIX)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def pack(compiled: Mapping[str, Any]) -> bytes:
    """The compiled contract as reproducible gzip bytes."""
    text = json.dumps(compiled, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Compiles the contract named by the first argument, or the one among the tests."""
    paths = sys.argv[1:] if arguments is None else arguments
    source = Path(paths[0]) if paths else SOURCE
    target = Path(paths[1]) if len(paths) > 1 else TARGET
    target.write_bytes(pack(compile_contract(yaml.safe_load(source.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    main()
