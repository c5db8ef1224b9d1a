"""The short form of the soak, and that its ledger finds what is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.soak.__main__ import soak
from tests.soak.ledger import ONCE, account, discrepancies, growth


def test_nothing_is_lost_and_nothing_grows_in_ten_seconds() -> None:
    code, text = soak(10.0, 7)
    assert code == 0, text
    assert "discrepancies     0" in text


def figures(late: float = 10.0, end: float = 5.0) -> dict[str, Any]:
    each = {"start": 5.0, "end": end, "max": late, "early": 10.0, "late": late}
    return {name: dict(each) for name in ("memory", "tasks", "descriptors", "connections")}


def told() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    held = {"gold": "7.5", "best": 3, "sum": 9, "items": [1, 2], "files": {"5": "3 bytes abc"}}
    counts = {
        "calls": 9, "done": dict.fromkeys(ONCE, 2), "found_executed": {}, "found_not_executed": {}, "failed": {},
        "cut": {}, "refused": 0, "cancelled": 0, "wrong": [],
    }  # fmt: skip
    client = {
        "beliefs": {"1": copy.deepcopy(held)}, "counts": counts, "events": {}, "figures": figures(), "workers": 4,
        "slowest": [0.1, "balances_list: 200"], "most_connections": 64,
    }  # fmt: skip
    service = {
        "holdings": {"1": held}, "requests": {}, "carried_out": dict.fromkeys(ONCE, 2), "faults": {}, "logins": 1,
        "figures": figures(),
    }  # fmt: skip
    return service, [client]


def test_what_agrees_is_no_discrepancy() -> None:
    assert discrepancies(*told()) == []
    assert growth(*told()) == []


@pytest.mark.parametrize(
    ("what", "value", "line"),
    [
        ("gold", "8", "player 1: gold: believed 7.5, held 8"),
        ("sum", 12, "player 1: sum: believed 9, held 12"),
        ("items", [1, 2, 4], "player 1: items: held and not believed [4], believed and not held []"),
        ("files", {}, "player 1: file 5: believed 3 bytes abc, held None"),
    ],
)
def test_a_difference_is_told_in_words(what: str, value: object, line: str) -> None:
    service, clients = told()
    service["holdings"]["1"][what] = value
    assert discrepancies(service, clients) == [line]
    assert line in account(service, clients, 1.0)


def test_an_execution_that_nobody_knows_of_is_found() -> None:
    service, clients = told()
    service["carried_out"]["balances_credit"] += 1
    assert discrepancies(service, clients) == ["balances_credit: 3 executed, 2 believed"]


def test_growth_is_found() -> None:
    service, clients = told()
    clients[0]["figures"] = figures(late=30.0)
    assert growth(service, clients) == [
        *(f"client 0: {name} grew from 10.0 to 30.0" for name in ("memory", "tasks", "descriptors", "connections")),
    ]
    clients[0].update(figures=figures(), most_connections=9)
    assert growth(service, clients) == ["client 0: there were 10 connections, and 9 are allowed"]
    clients[0].update(figures=figures(end=6.0), most_connections=64)
    assert growth(service, clients) == [
        f"client 0: {name} were 5 at the start and are 6 at the end" for name in ("tasks", "descriptors", "connections")
    ]
