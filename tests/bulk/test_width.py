"""How a bulk job learns its width, from the times of calls alone."""

from __future__ import annotations

import pytest

from lootlocker_async.bulk.width import Width
from lootlocker_async.core.observers import History


def note(width: Width, *, served: float = 0.02, waited: float = 0.0, status: int = 200, attempts: int = 1) -> None:
    history: History = [("id", status, "", waited + n * served, served) for n in range(attempts)]
    width.note(waited + attempts * served, history)


def rounds(width: Width, number: int, **what: object) -> list[int]:
    """The widths after each of some rounds of equal calls."""
    found: list[int] = []
    for _ in range(number):
        for _ in range(max(width.now, 8)):
            note(width, **what)  # type: ignore[arg-type]
        found.append(width.now)
    return found


def test_it_doubles_up_to_the_most() -> None:
    width = Width(64)
    assert width.now == 8
    assert rounds(width, 5) == [16, 32, 64, 64, 64]
    assert Width(3).now == 3


def test_a_refusal_makes_it_narrower_by_a_third_and_ends_the_doubling() -> None:
    width = Width(64)
    rounds(width, 3)
    note(width, status=429)
    rounds(width, 1)
    assert width.now == 44
    assert rounds(width, 3) == [50, 57, 64]


def test_calls_that_wait_for_their_turn_make_it_as_narrow_as_those_that_do_not() -> None:
    width = Width(64)
    rounds(width, 3)
    # 64 calls at a pace of 50 a second, of 20 ms each: one is enough, and each of the others waits.
    assert rounds(width, 1, waited=1.26) == [3]
    for _ in range(10):
        rounds(width, 1, waited=max(0.0, width.now / 50 - 0.02))
        assert 2 <= width.now <= 4


def test_a_first_round_that_waits_for_the_login_says_nothing() -> None:
    width = Width(64)
    assert rounds(width, 2, waited=1.0) == [8, 3]


def test_a_service_that_slows_down_makes_it_narrower() -> None:
    width = Width(64)
    rounds(width, 3)
    assert rounds(width, 1, served=0.03) == [64]  # less than twice as slow
    assert 38 <= rounds(width, 1, served=0.08)[0] <= 42  # half, and the square root
    for _ in range(20):
        rounds(width, 1, served=0.08)
    assert width.now < 20


def test_a_service_that_is_slower_for_good_is_taken_as_it_is() -> None:
    width = Width(64)
    rounds(width, 3)
    rounds(width, 200, served=0.08)
    assert width.now == 64


@pytest.mark.parametrize("status", [200, 429])
def test_it_never_ends_at_nothing(status: int) -> None:
    width = Width(64)
    rounds(width, 30, status=status, waited=0.0 if status == 200 else 5.0)
    assert width.now >= 1


def test_calls_that_were_never_sent_waited_all_their_time() -> None:
    width = Width(64)
    rounds(width, 3)
    rounds(width, 1, attempts=0, waited=30.0)
    assert width.now == 2
