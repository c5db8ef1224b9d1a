"""The emulator against the contract: schemathesis makes the calls, and holds every answer to what is promised.

`CONFORMANCE_CASES` says how many cases are made up for each operation, beside those of the contract's examples and of
the edges of its schemas, which are always the same.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from contract_spec import VERBS, contract, operations
from feeding import feed
from hypothesis import HealthCheck, settings
from known import call_of
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from serving import Served

FUZZING = TestPhase.FUZZING
UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
CASES = int(os.environ.get("CONFORMANCE_CASES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
]
OPERATIONS = {f"{operation.verb} {operation.path}": operation for operation in operations()}
KNOWN = {label: call_of(operation) for label, operation in OPERATIONS.items()}

# What authorises a call is sent by the test, so that it isn't made up.
GENERATION = GenerationConfig(with_security_parameters=False)
CONFIG = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=ProjectConfig(generation=GENERATION)))


def _schema() -> BaseSchema:
    """The contract as it is meant where its schemas alone would mislead."""
    told = copy.deepcopy(contract())
    version = told["components"]["parameters"]["LLVersion"]
    # Out of the pattern come no valid cases at the edges, and so none at all.
    version["schema"] = {"type": "string", "enum": version["schema"]["examples"]}
    for part in _counts(told):
        # In the contract's words a number out of range is no error here.
        del part["schema"]["minimum"], part["schema"]["maximum"]
    return schemathesis.openapi.from_dict(told, config=CONFIG)


def _counts(told: dict[str, Any]) -> list[dict[str, Any]]:
    inline = [
        part for item in told["paths"].values() for verb in VERBS for part in item.get(verb, {}).get("parameters", ())
    ]
    parts = [*inline, *told["components"]["parameters"].values()]
    return [part for part in parts if "out of range" in part.get("description", "")]


schema = _schema()
served = Served()
succeeded: set[str] = set()
changed: set[str] = set()
"""The operations that have changed the world since it was made."""


@pytest.fixture(scope="module", autouse=True)
def _serving() -> Iterator[None]:
    with served:
        yield


@pytest.fixture
def one_call_succeeds() -> Iterator[None]:
    """Every operation begins in the world as it was made, and has answered a call with success in the end."""
    served.renew()
    succeeded.clear()
    changed.clear()
    yield
    assert succeeded, "no call was answered with success"


def test_every_operation_is_called() -> None:
    assert OPERATIONS.keys() == {found.ok().label for found in schema.get_all_operations() if isinstance(found, Ok)}
    assert len(OPERATIONS) == 105


@pytest.mark.usefixtures("one_call_succeeds")
@schema.parametrize()
@settings(max_examples=CASES, derandomize=True, database=None, deadline=None, suppress_health_check=UNHURRIED)
def test_answers_are_those_of_the_contract(case: Case) -> None:
    label = case.operation.label
    operation = OPERATIONS[label]
    feed(case, KNOWN[label])
    credential = {"token": {"x-auth-token": served.token}, "key": {"x-server-key": served.emulator.server_key}}
    response = case.call_and_validate(
        base_url=served.address(below_root=operation.below_root),
        headers=credential.get(operation.credential, {}),
        checks=CHECKS,
    )
    if response.status_code < 300:
        succeeded.add(label)
        if operation.verb != "GET":
            changed.add(label)
    # What hypothesis makes up it may also repeat, in the same world; of the fixed cases some use the world up.
    if changed and (response.status_code in {404, 409} or case.meta is None or case.meta.phase.name is FUZZING):
        served.renew()
        changed.clear()
