"""The harness itself, over every operation of the contract: what it makes of the schemas is what it says."""

from __future__ import annotations

import pytest
from contract_spec import Operation, contract, operations, resolve
from contract_values import answers, calls, edges, fits, kinds, misfits, schemas, valid

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
        assert not any(fits(value, schema) for value in wrong if not isinstance(value, int)), name


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


def test_one_thing_can_ask_for_another() -> None:
    action = valid(resolve({"$ref": "#/components/schemas/MetadataAction"}), full=False)
    assert action.keys() == {"action", "key", "type", "value"}


def test_what_is_always_the_same_is_no_argument() -> None:
    (exchange,) = [operation for operation in operations() if operation.id == "oauth_exchange_token"]
    call = calls(exchange)["required"]
    assert "grant_type" in (call.body or {})
    assert "grant_type" not in call.keywords
