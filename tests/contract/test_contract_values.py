"""The harness itself, over every operation of the contract: what it makes of the schemas is what it says."""

from __future__ import annotations

import re
from functools import partial

import pytest
from contract_spec import Operation, Schema, contract, operations, resolve
from contract_values import MAX, MIN, answers, calls, edges, fits, kinds, misfits, schemas, valid
from jsonschema import FormatChecker


def is_text(pattern: str, value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(pattern, value) is not None


FORMATS = FormatChecker(())
FORMATS.checks("ulid")(partial(is_text, "[0-7][0-9A-HJKMNP-TV-Z]{25}"))
FORMATS.checks("date-time")(partial(is_text, r".+T.+(Z|[+-]\d\d:\d\d)"))
for name in MAX:
    FORMATS.checks(name)(lambda number, of=name: not isinstance(number, int) or MIN[of] <= number <= MAX[of])

EVERY = pytest.mark.parametrize("of", operations(), ids=lambda operation: operation.id)


@EVERY
def test_calls_and_answers_fit_their_schemas(of: Operation) -> None:
    body, answer = of.body(), of.success()[1]
    for call in calls(of).values():
        assert all(fits(value, schemas(of)[name]) for name, value in {**call.path, **call.query}.items())
        assert body is None or fits(call.body, body.schema)
    for raw in answers(of).values():
        assert raw is None if answer is None else fits(raw, answer.schema)


@EVERY
def test_edges_fit_and_misfits_do_not(of: Operation) -> None:
    for name, schema in schemas(of).items():
        assert all(fits(value, schema) for value in edges(schema)), name
        wrong = list(misfits(schema))
        assert wrong or not kinds(schema) or kinds(schema) >= {"string", "number", "boolean", "array", "object"}, name
        # The validator reads patterns as Python does, for which a line break may follow the end; and that requests hold
        # no other fields is said for all of them in words.
        told = [value for value in wrong if "\\n" not in repr(value) and "brand_new" not in repr(value)]
        assert not [value for value in told if fits(value, schema, FORMATS)], name


def test_everything_that_can_be_there_is_there() -> None:
    asset = valid(resolve({"$ref": "#/components/schemas/Asset"}), full=True)
    assert asset.keys() == contract()["components"]["schemas"]["Asset"]["properties"].keys()
    assert asset["package_contents"][0]["asset"].keys() == asset.keys()


def test_what_schemas_rule_out_does_not_stand_together() -> None:
    equip = resolve({"$ref": "#/components/schemas/LoadoutEquipRequest"})
    assert valid(equip, full=False) == {"instance_id": 7}
    assert valid(equip, full=True) == {"instance_id": 7}


def test_bounds_are_those_of_the_schema() -> None:
    number = {"type": "integer", "format": "int64", "minimum": 1}
    assert list(edges(number)) == [1, 2**63 - 1]
    assert {0, 2**63} <= {wrong for wrong in misfits(number) if type(wrong) is int}


def texts(schema: Schema) -> set[str]:
    return {wrong for wrong in misfits(schema) if isinstance(wrong, str)}


def test_formats_and_patterns_have_edges_and_misfits() -> None:
    ulid = {"type": "string", "format": "ulid"}
    assert texts(ulid) >= {"", "0" * 25, "8" + "0" * 25}
    assert all(len(text) == 26 for text in edges(ulid))
    amount = resolve({"$ref": "#/components/schemas/WalletBalanceChangeRequest"})["properties"]["amount"]
    assert texts(amount) >= {"-1", "1e5", "1.", "0\n", "NaN"}
    assert set(edges(amount)) >= {"0", "000.10"}
    assert "2024-06-11T14:05:54" in texts({"type": "string", "format": "date-time"})
    assert [7] * 101 in list(misfits({"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 100}))


def test_one_thing_can_ask_for_another() -> None:
    action = valid(resolve({"$ref": "#/components/schemas/MetadataAction"}), full=False)
    assert action.keys() == {"action", "key", "type", "value"}


def test_what_is_always_the_same_is_no_argument() -> None:
    (exchange,) = [operation for operation in operations() if operation.id == "oauth_exchange_token"]
    call = calls(exchange)["required"]
    assert "grant_type" in (call.body or {})
    assert "grant_type" not in call.keywords
