"""What a program may do for its event loop."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from lootlocker_async import freeze_heap


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


class Thing:
    """Something that the collector looks at."""


def seen_by_the_collector(thing: object) -> bool:
    return any(it is thing for it in gc.get_objects())


def test_what_was_there_is_looked_at_no_more() -> None:
    before, garbage = Thing(), Thing()
    garbage.itself = garbage  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    counted = sum(isinstance(it, Thing) for it in gc.get_objects())
    assert counted == 2
    del garbage
    frozen = freeze_heap()
    after = Thing()
    assert frozen > 10_000
    assert 0 <= frozen - gc.get_freeze_count() < 100  # other threads let go of some that are frozen
    assert (seen_by_the_collector(before), seen_by_the_collector(after)) == (False, True)
    gc.unfreeze()
    # The cycle was collected, not frozen.
    assert {id(it) for it in gc.get_objects() if isinstance(it, Thing)} == {id(before), id(after)}
