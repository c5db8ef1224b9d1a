"""The table of error codes in the docs is what the emulator's code raises, no more and no less."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lootlocker_async.emulator import Fault

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| ([0-9]{3}) \| `([a-z_]+)` \| [^|]+ \| [^|]+ \|")


def the_table():
    text = (ROOT / "docs" / "emulator-errors.md").read_text(encoding="utf-8")
    return [(int(status), code) for status, code in ROW.findall(text)]


def texts(node, tree):
    """The texts that an expression can be; fails where that cannot be told."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return texts(node.body, tree) | texts(node.orelse, tree)
        case ast.Dict():
            return set().union(*(texts(value, tree) for value in node.values))
        case ast.Call(func=ast.Attribute(attr="get", value=mapping), args=[_, default]):
            return texts(mapping, tree) | texts(default, tree)
        case ast.Name(id=name):
            return set().union(*(texts(value, tree) for value in values_of(name, tree)))
        case _:
            raise AssertionError(f"the test cannot tell what code {ast.unparse(node)} is")


def values_of(name, tree):
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(it, ast.Name) and it.id == name for it in node.targets):
            found.append(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "bad_request":
            found += node.args.defaults[-1:]
    assert found, f"the test cannot tell what {name} is"
    return found


def argument(call, name, position):
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return named[0] if named else call.args[position] if len(call.args) > position else None


def raised_in(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name) and call.func.id == "ServiceError":
            status = argument(call, "status", 0)
            for code in texts(argument(call, "code", 1), tree):
                yield status.value if isinstance(status, ast.Constant) else None, code
        elif isinstance(call.func, ast.Name) and call.func.id == "bad_request":
            code = argument(call, "code", 2)
            for each in {"parameter_invalid"} if code is None else texts(code, tree):
                yield 400, each


def test_the_table_is_what_the_code_raises():
    raised = set()
    for path in sorted((ROOT / "lootlocker_async" / "emulator").rglob("*.py")):
        raised.update(raised_in(path))
    table = the_table()
    assert len(table) == len(set(table))
    assert {code for _, code in table} == {code for _, code in raised}
    assert {pair for pair in raised if pair[0] is not None} <= set(table)


def test_the_table_is_sorted():
    assert the_table() == sorted(the_table())


async def test_an_error_has_all_that_the_docs_promise(api, emulator):
    error = await api.refused("GET", "/leaderboards?count=x", 400)
    assert error.keys() == {"code", "message", "doc_url", "param", "request_id", "trace_id"}
    assert (error["code"], error["param"]) == ("parameter_invalid", "count")
    assert error["doc_url"].endswith("#parameter_invalid")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 503])
async def test_an_injected_error_has_a_code_of_the_table(api, emulator, status):
    emulator.faults.add(Fault.error(status=status, times=1))
    async with api.session.get(emulator.base_url + "/ping", headers=api.headers) as response:
        assert response.status == status
        assert (await response.json())["code"] in {code for _, code in the_table()}
