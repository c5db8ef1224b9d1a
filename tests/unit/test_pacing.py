"""The pace that is learned from refusals: whole clients before a bucket, in time that only the test lets pass."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import pytest

from lootlocker_async import LootLockerClient, RateLimitedError, RequestTimeoutError
from lootlocker_async.core.call import Call
from lootlocker_async.core.limits import LocalLimiter
from lootlocker_async.core.observers import Event, PaceChanged
from lootlocker_async.core.pacing import Pacer
from lootlocker_async.core.transport import Answer, Transport
from tests.support.bucket import Bucket
from tests.support.clock import run_still as run
from tests.unit.support import BASE, KEY

WARM_UP = 10.0
END = 120.0


class Service:
    """Answers as a bucket says, a network's way off; notes which client sent how often."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, seed: int = 0, way: float = 0.01, uneven: float = 0.002
    ) -> None:
        self.bucket: Bucket | None = None
        self.sent: Counter[int] = Counter()
        self.moments: list[tuple[float, int]] = []
        self._random = random.Random(seed)
        self._way = way
        self._uneven = uneven
        monkeypatch.setattr(Transport, "send", lambda transport, call, headers: self._send(transport, call))

    async def _send(self, transport: Transport, call: Call) -> Answer:
        call.status = 200
        if call.target == "/session":
            return Answer(200, {}, b'{"token": "t"}')
        assert self.bucket is not None
        self.sent[id(transport)] += 1
        await asyncio.sleep(self._way + self._random.uniform(0, self._uneven))
        wait = self.bucket.take()
        await asyncio.sleep(self._way + self._random.uniform(0, self._uneven))
        self.moments.append((asyncio.get_running_loop().time(), wait))
        if wait:
            call.status = 429
            return Answer(429, {"Retry-After": str(wait)}, b"{}")
        return Answer(200, {}, b"{}")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(monkeypatch)


async def press(client: LootLockerClient, until: float, tasks: int = 80) -> None:
    """Make calls from more tasks than may be on their way."""
    loop = asyncio.get_running_loop()

    async def work() -> None:
        while loop.time() < until:
            await client.request("GET", "/x")

    await asyncio.gather(*(work() for _ in range(tasks)))


def steady(_: float) -> float:
    return 50.0


def halved(at: float) -> float:
    return 50.0 if at < 60 else 25.0


def doubled(at: float) -> float:
    return 50.0 if at < 60 else 100.0


WHOLE = ((WARM_UP, END),)
# A doubled bucket is noticed when the client looks for more, which it can't do often: looking in vain costs a second.
AFTER_A_CHANGE = ((WARM_UP, 60.0), (60.0 + WARM_UP, END))


@pytest.mark.parametrize(
    ("rate", "clients", "windows", "seed"),
    [
        pytest.param(steady, 1, WHOLE, 0, id="steady"),
        pytest.param(halved, 1, WHOLE, 1, id="halved"),
        pytest.param(doubled, 1, AFTER_A_CHANGE, 2, id="doubled"),
        pytest.param(steady, 2, WHOLE, 1, id="two clients"),
        pytest.param(halved, 2, WHOLE, 2, id="two clients, halved"),
    ],
)
def test_a_bucket_is_used_and_few_calls_are_refused(
    rate: Callable[[float], float],
    clients: int,
    windows: tuple[tuple[float, float], ...],
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service(monkeypatch, seed)

    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, rate)
        crowd = [LootLockerClient(KEY, base_url=BASE, retries=30, timeout=600) for _ in range(clients)]
        await asyncio.gather(*(press(client, END) for client in crowd))
        for client in crowd:
            await client.close()
        used, refused = bucket.used(*windows), bucket.refused_part(WARM_UP)
        print(f"{used:.3f} of the bucket used ({bucket.used(*WHOLE):.3f} from 10 s on), {refused:.4f} refused")
        assert used >= 0.9
        assert refused < 0.02
        # Nobody starves.
        assert min(service.sent.values()) >= 0.2 * max(service.sent.values())

    run(main)


@pytest.mark.parametrize(
    ("limit", "burst", "way", "least"),
    [
        # Without a burst, calls that the network has moved together by a tenth of their distance are refused: what can
        # be had at all is about 91 % and, with a second's pause every dozen, 84 %.
        pytest.param(50.0, 1, 0.002, 0.78, id="50 a second, one at a time"),
        pytest.param(50.0, 1, 0.0002, 0.84, id="50 a second, one at a time, even network"),
        pytest.param(5.0, 1, 0.002, 0.82, id="5 a second, one at a time"),
        pytest.param(5.0, 5, 0.002, 0.9, id="5 a second, burst 5"),
        pytest.param(5.0, 20, 0.002, 0.9, id="5 a second, burst 20"),
        pytest.param(50.0, 20, 0.002, 0.9, id="50 a second, burst 20"),
        pytest.param(500.0, 5, 0.0002, 0.85, id="500 a second, burst 5"),
    ],
)
def test_other_buckets_are_used_as_well(
    limit: float, burst: int, way: float, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, 0, uneven=way)
    end = 60.0 if limit > 100 else END

    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, lambda _: limit, burst)
        async with LootLockerClient(KEY, base_url=BASE, retries=30, timeout=600) as client:
            await press(client, end)
        used, refused = bucket.used((WARM_UP, end)), bucket.refused_part(WARM_UP)
        print(f"{used:.3f} of the bucket used, {refused:.4f} refused")
        assert used >= least
        assert refused < 0.02

    run(main)


def test_without_it_every_pause_ends_in_a_crowd(service: Service) -> None:
    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, steady)
        async with LootLockerClient(KEY, base_url=BASE, retries=30, adaptive_pacing=False) as client:
            with pytest.raises((RateLimitedError, RequestTimeoutError)):
                await press(client, 40.0)
        assert bucket.refused_part(WARM_UP) > 0.5

    run(main)


def test_a_retry_after_is_kept_whatever_the_pace(service: Service) -> None:
    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, steady)
        async with LootLockerClient(KEY, base_url=BASE, retries=30) as client:
            await press(client, 60.0)
        for refusal in (moment for moment, wait in service.moments if wait):
            on_their_way = refusal + 0.025
            assert not [moment for moment in bucket.given if on_their_way < moment < refusal + 1]

    run(main)


def test_what_was_asked_for_is_an_upper_bound(service: Service) -> None:
    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, steady)
        async with LootLockerClient(KEY, base_url=BASE, retries=30, calls_per_second=20) as client:
            bucket._tokens = -30.0  # one refusal, and then more than enough
            await press(client, 100.0)
        for second in range(3, 100):
            assert sum(second <= moment < second + 1 for moment in bucket.given) <= 21
        assert bucket.used((20, 100)) >= 0.97 * 20 / 50

    run(main)


def test_a_pace_is_told_and_forgotten_when_nobody_needs_it(service: Service) -> None:
    events: list[Event] = []

    async def main() -> None:
        bucket = service.bucket = Bucket(asyncio.get_running_loop().time, lambda _: 500.0, 500)
        async with LootLockerClient(KEY, base_url=BASE, observers=(events.append,)) as client:
            bucket._tokens = -100.0
            await client.request("GET", "/x")
            for _ in range(80):
                await asyncio.sleep(1)
                await client.request("GET", "/x")
        paces = [event for event in events if isinstance(event, PaceChanged)]
        assert paces == [PaceChanged(calls_per_second=20.0), PaceChanged(calls_per_second=None)]

    run(main)


def test_those_who_wait_for_their_turn_learn_at_once_of_a_pause_that_is_too_long(service: Service) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        bucket = service.bucket = Bucket(loop.time, lambda _: 50.0)
        async with LootLockerClient(KEY, base_url=BASE, timeout=30, max_in_flight=4, retries=0) as client:
            await client.preload()
            bucket._rate, bucket._tokens = (lambda _: 0.01), 0.0
            results = await asyncio.gather(*(client.request("GET", "/x") for _ in range(300)), return_exceptions=True)
            assert loop.time() < 0.1
            assert sum(isinstance(result, RequestTimeoutError) for result in results) >= 290

    run(main)


def test_the_order_of_asking_is_kept_and_a_cancelled_wait_takes_no_turn() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        limiter = LocalLimiter(8, adaptive=True)
        assert limiter.enter_now()
        limiter.leave(429, 1)
        order: list[int] = []
        times: list[float] = []

        async def visit(number: int) -> None:
            if not limiter.enter_now():
                await limiter.enter()
            order.append(number)
            times.append(loop.time())
            limiter.leave(200, None)

        visits = [asyncio.create_task(visit(number)) for number in range(60)]
        await asyncio.sleep(0.5)
        for number in range(0, 60, 3):
            visits[number].cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        assert order == [number for number in range(60) if number % 3]
        assert times[0] >= 1
        assert times[-1] < 1 + 40 / 20
        assert limiter._free == 8

    run(main)


def test_refusals_without_a_retry_after_slow_down_as_well() -> None:
    pacer = Pacer(0.0, 0.0)
    now, moments = 0.0, []
    bucket = Bucket(lambda: now, lambda _: 50.0)
    while now < 60:
        now = max(now, pacer.next)
        pacer.sent(now)
        if bucket.take():
            pacer.refused(now, 0.0)
            moments.append(now)
    assert bucket.used((10, 60)) > 0.95
    assert bucket.refused_part(10) < 0.02


def test_a_pace_that_limits_nothing_is_over() -> None:
    pacer = Pacer(0.0, 1.0)
    now = 0.0
    while not pacer.over:
        now = max(now, pacer.next)
        pacer.sent(now)
    assert 5 < now < 10
