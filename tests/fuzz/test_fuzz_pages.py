"""Walks of any kind: stopped, failed, taken up by other walks with other sizes, and no item lost or given twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import attrs
from hypothesis import given, strategies as st

from tests.fuzz.profile import looks
from tests.support.lists import STYLES, Service


@attrs.frozen
class Leg:
    """One walk: how it fetches, after how many items it is left, and how many steps it goes back."""

    size: int
    ahead: int
    width: int
    stop: int
    limit: int | None
    by_page: bool
    back: int


legs = st.builds(
    Leg,
    st.integers(1, 12),
    st.integers(0, 4),
    st.integers(1, 5),
    st.integers(0, 25),
    st.none() | st.integers(0, 20),
    st.booleans(),
    st.integers(0, 3),
)
services = st.builds(
    Service,
    st.sampled_from(STYLES),
    st.integers(0, 60),
    st.just(1000) | st.integers(1, 9),
    st.integers(0, 3),
    st.frozensets(st.integers(1, 15), max_size=4),
)


class Journey:
    """Walks through a list leg by leg, and holds every checkpoint to what was delivered before it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.checkpoints: list[Any] = [None]

    async def walk(self, leg: Leg) -> None:
        """Take up the list after what has been delivered, minus the steps that this leg goes back."""
        delivered = max(0, len(self.checkpoints) - 1 - leg.back)
        del self.checkpoints[delivered + 1 :]
        options = {"page_size": leg.size, "look_ahead": leg.ahead, "concurrency": leg.width, "limit": leg.limit}
        paginator = self.service.paginator(resume=self.checkpoints[-1], **options)
        source = paginator.pages() if leg.by_page else aiter(paginator)
        taken = 0
        try:
            while taken < leg.stop:
                try:
                    got: Any = await anext(source)
                except OSError:
                    continue
                except StopAsyncIteration:
                    left = self.service.length - delivered
                    assert taken == (left if leg.limit is None else min(left, leg.limit))
                    break
                batch = list(got) if leg.by_page else [got]
                assert batch == list(self.service.items[delivered + taken :][: len(batch)])
                if not batch:
                    continue
                taken += len(batch)
                # Within a page there's no stopping: its items share the checkpoint behind it.
                if leg.by_page and len(batch) != 1:
                    await self._fill(len(batch) - 1)
                assert leg.limit is None or taken <= leg.limit
                self._note(paginator.checkpoint, delivered + taken)
        finally:
            await source.aclose()

    async def _fill(self, count: int) -> None:
        """Note the places within a page by walking there."""
        for _ in range(count):
            paginator = self._resumed(self.checkpoints[-1])
            source = aiter(paginator)
            await self._next(source)
            self._note(paginator.checkpoint, len(self.checkpoints))
            await source.aclose()

    def _resumed(self, checkpoint: Any) -> Any:
        return attrs.evolve(self.service, fail_at=frozenset(), calls=[]).paginator(resume=checkpoint, page_size=5)

    async def _next(self, source: Any) -> Any:
        return await anext(source)

    def _note(self, checkpoint: Any, seen: int) -> None:
        assert checkpoint["seen"] == seen
        assert len(self.checkpoints) == seen
        self.checkpoints.append(json.loads(json.dumps(checkpoint)))

    async def prove(self) -> None:
        """From every checkpoint, the rest of the list comes, each item once."""
        for delivered, checkpoint in enumerate(self.checkpoints):
            assert await self._resumed(checkpoint).collect() == list(self.service.items[delivered:])


@given(services, st.lists(legs, min_size=1, max_size=6))
@looks(50, 1_500)
def test_any_journey_gives_each_item_once(service: Service, journey: list[Leg]) -> None:
    async def main() -> None:
        traveller = Journey(attrs.evolve(service, calls=[]))
        for leg in journey:
            await traveller.walk(leg)
        await traveller.prove()
        for _ in range(12):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
