"""Values made of the contract's schemas: valid ones, those at the edges, and those that don't fit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs
from contract_spec import Body, Operation, Parameter, Schema, contract, resolve
from jsonschema import FormatChecker
from openapi_schema_validator import OAS31Validator

MAX = {"int32": 2**31 - 1, "int64": 2**63 - 1, "uint64": 2**64 - 1}
MIN = {"int32": -(2**31), "int64": -(2**63), "uint64": 0}
BY_FORMAT = {"ulid": "01HZ8Q2V6M4T9KDX3B7WNYRC5E", "date-time": "2024-06-11T14:05:54.25Z", "date": "2024-06-11"}
BY_DATE_FORMAT = {"rfc2822": "Tue, 11 Jun 2024 14:05:54 +0000", "sql": "2024-06-11 14:05:54"}
TEXTS = ("text", "12", "custom.guild.invitation", "AA==", *BY_FORMAT.values())
DEPTH = 6
OTHERS: tuple[Any, ...] = ("text", 7, 1.5, True, ["text"], {"key": "value"})
"""One value of each kind that JSON knows."""


# ---------------------------------------------------------------------------------------------------------- validation
def fits(value: object, schema: Schema, formats: FormatChecker | None = None) -> bool:
    whole = {**schema, "components": contract()["components"]}
    return bool(OAS31Validator(whole, format_checker=formats).is_valid(value))


def kinds(schema: Schema) -> set[str]:
    schema = resolve(schema)
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    own = schema.get("type", ())
    return ({own} if isinstance(own, str) else set(own)).union(*(kinds(choice) for choice in choices))


# --------------------------------------------------------------------------------------------------------- valid values
def valid(schema: Schema, *, full: bool, depth: int = 0) -> Any:
    """A value that fits: with every field that can stand beside the others, or with those alone that must be there."""
    schema = resolve(schema)
    if "const" in schema:
        return schema["const"]
    if not full or kinds(schema) & {"object", "array"} == set():
        for example in (*schema.get("examples", ()), *([schema["example"]] if "example" in schema else ())):
            if kinds(schema) & {"object", "array"} == set():
                return example
    for choice in schema.get("anyOf", ()) or (() if "properties" in schema else schema.get("oneOf", ())):
        if kinds(choice) != {"null"}:
            return valid(choice, full=full, depth=depth)
    own = schema.get("type", ())
    kind = next((kind for kind in ([own] if isinstance(own, str) else own) if kind != "null"), "any")
    if kind == "array":
        few = max(schema.get("minItems", 0), 1 if depth < DEPTH else 0)
        return [valid(schema["items"], full=full, depth=depth + 1) for _ in range(few)]
    return _object(schema, full=full, depth=depth) if kind == "object" else _scalar(schema, kind)


def _object(schema: Schema, *, full: bool, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    names = [*schema.get("required", ()), *next((choice["required"] for choice in schema.get("oneOf", ())), ())]
    if not names and schema.get("minProperties"):
        names = list(properties)[: schema["minProperties"]]
    found = {name: valid(properties[name], full=full, depth=depth + 1) for name in names}
    for name in properties:
        # What one field's value asks of the others.
        if name not in found and "if" in str(schema.get("allOf")) and not _stands(found, schema):
            found[name] = valid(properties[name], full=full, depth=depth + 1)
    if not full:
        return found
    for name, part in properties.items():
        # An optional object inside itself ends somewhere; lists of it do so by being empty.
        if name not in found and (depth < DEPTH or "object" not in kinds(part)):
            more = {**found, name: valid(part, full=True, depth=depth + 1)}
            found = more if _stands(more, schema) else found
    extra = schema.get("additionalProperties")
    if not properties and extra:
        found["key"] = "free" if extra is True else valid(extra, full=True, depth=depth + 1)
    return {name: found[name] for name in properties if name in found} if properties else found


def _stands(value: object, schema: Schema) -> bool:
    """Whether a field may stand beside the others; only requests have such rules."""
    rules = {"oneOf", "allOf", "dependentRequired", "not", "maxProperties"}
    return not rules & schema.keys() or fits(value, schema)


def _scalar(schema: Schema, kind: str) -> Any:
    choices = schema.get("enum") or schema.get("x-known-values")
    if choices:
        return choices[0]
    if kind == "integer" and "boolean" in kinds(schema):
        return 1  # a flag of the database, which is 0 or 1
    if kind == "integer":
        return max(schema.get("minimum", 7), min(7, schema.get("maximum", 7)))
    if kind == "string":
        texts = (BY_DATE_FORMAT.get(schema.get("x-date-format", "")), BY_FORMAT.get(schema.get("format", "")), *TEXTS)
        return next(text for text in texts if text and re.search(schema.get("pattern", ""), text))
    return {"boolean": True, "number": 1.5}.get(kind, "free")


# ------------------------------------------------------------------------------------------------------- edges, misfits
EDGES_OF_FORMATS: Mapping[str, tuple[str, ...]] = {
    "ulid": (BY_FORMAT["ulid"], "0" * 26, "7" + "Z" * 25),
    "date-time": ("2024-06-11T14:05:54Z", "2024-06-11T14:05:54.123456+14:00", "1970-01-01T00:00:00-00:30"),
}
WRONG_FORMATS: Mapping[str, tuple[str, ...]] = {
    # One too short and one too long, letters that the alphabet leaves out, more than 128 bits, no ASCII, an id of old.
    "ulid": ("", *("0" * 25 + it for it in ("", "00", *"ILOU-\n\u0660")), "8" + "0" * 25, " " + "0" * 25, "2347"),
    # Of no zone, of no time, of no date, in the other forms that the service knows.
    "date-time": ("", "2024-06-11T14:05:54", "2024-06-11", "yesterday", "1718114754", *BY_DATE_FORMAT.values()),
}
WORDS = ("", "ä %/..?&=#\U0001f984")
SUSPECTS = (
    *("", " ", ",", "a,b", ".", "a.b", "A.B.C", "a.b.c.d", "a b.c.d", "..", "1.", ".5", "-1", "+1", "1e5", "1,5", " 1"),
    *("NaN", "Infinity", "0x1", "1_000", "\u0661", "a.b.\u0434"),
)
"""What patterns are there to keep away."""
MATCHES = ("0", "000.10", "12345678901234567890.000000000000000001", "a.b.c", "-_0.z.9", WORDS[1])


def edges(schema: Schema) -> Iterator[Any]:
    """Values that just fit."""
    schema = resolve(schema)
    if "const" in schema:
        yield schema["const"]
        return
    if "null" in kinds(schema):
        yield None
    if "integer" in kinds(schema):
        yield lowest(schema)
        yield highest(schema)
    if "boolean" in kinds(schema):
        yield from (True, False)
    if "string" in kinds(schema):
        yield from _edges_of_text(schema)
    if "array" in kinds(schema) and "items" in schema:
        least = max(schema.get("minItems", 0), 1)
        yield from ([edge] * least for edge in edges(schema["items"]))
        good = valid(schema["items"], full=False)
        yield from ([good] * most for most in (schema.get("minItems", 0), schema.get("maxItems")) if most is not None)


def _edges_of_text(schema: Schema) -> Iterator[str]:
    choices_ = schema.get("enum") or schema.get("x-known-values")
    if choices_:
        yield from choices_
    elif "pattern" in schema:
        yield from (text for text in (*MATCHES, *EDGES_OF_FORMATS["ulid"]) if _matches(schema, text))
    elif schema.get("format") in EDGES_OF_FORMATS:
        yield from EDGES_OF_FORMATS[schema["format"]]
    else:
        yield from WORDS[1 if schema.get("minLength") else 0 :]


def _matches(schema: Schema, text: str) -> bool:
    """Whether a text fits a pattern as JSON Schema reads it: its `$` is the end, and not a line break before it."""
    return re.search(schema["pattern"].replace("$", r"\Z"), text) is not None


def lowest(schema: Schema) -> int:
    return int(schema.get("minimum", MIN[schema.get("format", "int64")]))


def highest(schema: Schema) -> int:
    return int(schema.get("maximum", MAX[schema.get("format", "int64")]))


def misfits(schema: Schema) -> Iterator[Any]:
    """Values of wrong types, out of range, too short, of no enum, of no such format; inside lists and objects too."""
    schema = resolve(schema)
    yield from (value for value in (*OTHERS, *_out_of_range(schema)) if not fits(value, schema))
    yield from _surely_wrong(schema)
    yield from _inside(schema)


def _surely_wrong(schema: Schema) -> Iterator[Any]:
    """What a validator may let through: numbers of more bits than the format has, and texts of other formats."""
    if "integer" in kinds(schema):
        yield from (lowest(schema) - 1, highest(schema) + 1)
    if "enum" not in schema and schema.get("format") in WRONG_FORMATS:
        yield from WRONG_FORMATS[schema["format"]]
    if "pattern" in schema:
        good = next(_edges_of_text(schema))
        yield from (text for text in (*SUSPECTS, f"{good}\n") if not _matches(schema, text))


def _out_of_range(schema: Schema) -> Iterator[Any]:
    if "integer" in kinds(schema):
        yield from (float("nan"), float("inf"))
    if "enum" in schema:
        yield from (f"{schema['enum'][0]} ", str(schema["enum"][0]).swapcase(), "")
    if schema.get("minLength"):
        yield "x" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("minItems"):
        yield [valid(schema["items"], full=False)] * (schema["minItems"] - 1)
    if "maxItems" in schema:
        yield [valid(schema["items"], full=False)] * (schema["maxItems"] + 1)


def _inside(schema: Schema) -> Iterator[Any]:
    if "array" in kinds(schema) and "items" in schema:
        good = valid(schema["items"], full=False)
        yield from ([good, bad] for bad in [*misfits(schema["items"]), *([] if _nullable(schema["items"]) else [None])])
    if "properties" in schema:
        good = valid(schema, full=False)
        yield {**good, "brand_new": 1}
        yield from ({name: part for name, part in good.items() if name != left_out} for left_out in good)
        for name, part in schema["properties"].items():
            yield from ({**good, name: bad} for bad in misfits(part))
            if name in schema.get("required", ()) and not _nullable(part):
                yield {**good, name: None}


def _nullable(schema: Schema) -> bool:
    return "null" in kinds(schema)


# ----------------------------------------------------------------------------------------------------------- arguments
@attrs.frozen
class Call:
    """The arguments of one call."""

    path: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any] | None
    fields: Collection[str]

    @property
    def keywords(self) -> dict[str, Any]:
        return {**self.query, **{name: part for name, part in (self.body or {}).items() if name in self.fields}}

    def changed(self, name: str, value: object) -> Call:
        """The same call with another value of an argument, or with one more field."""
        if name in self.path:
            return attrs.evolve(self, path={**self.path, name: value})
        if name in self.query:
            return attrs.evolve(self, query={**self.query, name: value})
        return attrs.evolve(self, body={**(self.body or {}), name: value})


def calls(operation: Operation) -> dict[str, Call]:
    """The calls of the contract's examples, one with all arguments and one with those that must be there."""
    parameters = operation.query_parameters()
    path = {parameter.name: _example(parameter) for parameter in operation.path_parameters()}
    query = {parameter.name: _example(parameter) for parameter in parameters}
    # An operation that takes several kinds of id requires none of them; one has to be there all the same.
    needed = {parameter.name: query[parameter.name] for parameter in parameters if parameter.required}
    body, fields = operation.body(), operation.body_fields()
    if body is None:
        found = {"all": Call(path, query, None, fields)}
        return found | ({"required": Call(path, needed, None, fields)} if needed != query and needed else {})
    examples = {
        f"example {number}": Call(path, query, example, fields) for number, example in enumerate(body.examples, 1)
    }
    return examples | {
        "all": Call(path, query, valid(body.schema, full=True), fields),
        "required": Call(path, needed, valid(body.schema, full=False), fields),
    }


def _example(parameter: Parameter) -> Any:
    return parameter.example if parameter.example is not attrs.NOTHING else valid(parameter.schema, full=True)


def schemas(operation: Operation) -> dict[str, dict[str, Any]]:
    """Each argument of an operation with its schema; one in a path is never empty, whatever the contract forgets."""
    in_path = {found.name: found.schema for found in operation.path_parameters()}
    for name, part in in_path.items():
        if "string" in kinds(part):
            in_path[name] = {"minLength": 1, **part}
    return in_path | {found.name: found.schema for found in operation.query_parameters()} | operation.body_fields()


def answers(operation: Operation) -> dict[str, Any]:
    """The answers of the examples, and one with every field."""
    _, body = operation.success()
    if body is None:
        return {"nothing": None}
    examples = {f"example {number}": example for number, example in enumerate(body.examples, 1)}
    return examples | {"all": valid(body.schema, full=True)}


__all__ = ["Body", "Call", "answers", "calls", "edges", "fits", "kinds", "misfits", "schemas", "valid"]
