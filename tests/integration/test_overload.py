"""More calls at once than there are connections, and more than a service's limit lets through, over real sockets."""

from __future__ import annotations

import asyncio
import tracemalloc

from lootlocker_async import LootLockerClient, RequestTimeoutError
from lootlocker_async.core.observers import AttemptStarted, PaceChanged
from tests.integration.helpers import Events, check_idle, client_of, pool_of
from tests.integration.raw import RawServer, Request, Wire
from tests.support.bucket import Bucket
from tests.support.clock import run

CALLS = 10_000
CONNECTIONS = 64
KIB = 1024


async def _pong(request: Request, wire: Wire) -> None:
    await wire.answer({"pong": "now"})


async def _at_once(client: LootLockerClient, calls: int) -> list[object]:
    tasks = [asyncio.create_task(client.request("GET", f"/x/{number}")) for number in range(calls)]
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_ten_thousand_calls_at_once_are_answered_in_order_in_bounded_memory() -> None:
    async with RawServer(_pong) as server, client_of(server, timeout=300.0) as client:
        await client.session.ping()
        await _at_once(client, 200)
        server.requests.clear()
        tracemalloc.start()
        try:
            work = asyncio.create_task(_at_once(client, CALLS))
            await asyncio.sleep(0)
            while not server.requests:  # noqa: ASYNC110  (what is waited for sets no event)
                await asyncio.sleep(0)
            waiting, _ = tracemalloc.get_traced_memory()
            most = 0
            while not work.done():
                most = max(most, len(pool_of(client).transport._session.connector._acquired))  # type: ignore[union-attr]
                await asyncio.sleep(0.01)
            results = await work
            client_peak = tracemalloc.get_traced_memory()[1]
            arrived = [int(request.path.rpartition("/")[2]) for request in server.requests]
            server.requests.clear()
            del work
        finally:
            tracemalloc.stop()
        assert all(result == {"pong": "now"} for result in results)
        assert server.opened <= CONNECTIONS
        assert most <= CONNECTIONS
        # Connections side by side may overtake each other, and nothing else may.
        assert sorted(arrived) == list(range(CALLS))
        assert max(abs(place - number) for place, number in enumerate(arrived)) < 2 * CONNECTIONS
        print(f"{waiting / CALLS / KIB:.1f} KiB for each waiting call, peak {client_peak / KIB / KIB:.1f} MiB")
        assert waiting / CALLS < 12 * KIB
        # What the server keeps of each request is in it as well.
        assert client_peak / CALLS < 20 * KIB
        check_idle(client)


def test_of_ten_thousand_calls_at_once_those_that_come_too_late_are_told_in_time() -> None:
    async def slow(request: Request, wire: Wire) -> None:
        await asyncio.sleep(2)
        await wire.answer({"pong": "now"})

    async def main() -> None:
        took: dict[int, float] = {}

        async with RawServer(slow) as server, client_of(server, timeout=9.0, retries=0) as client:
            await client.session.ping()
            loop = asyncio.get_running_loop()

            async def call(number: int) -> object:
                began = loop.time()
                try:
                    return await client.request("GET", f"/x/{number}")
                finally:
                    took[number] = loop.time() - began

            results = await asyncio.gather(*(call(number) for number in range(CALLS)), return_exceptions=True)
            answered = [number for number, result in enumerate(results) if not isinstance(result, BaseException)]
            late = [result for result in results if isinstance(result, BaseException)]
            # Two seconds for each 64, in order: about four rounds fit.
            assert 2 * CONNECTIONS <= len(answered) <= 5 * CONNECTIONS
            # What was sent was sent in order, once each, without those whose time was up before their turn.
            sent_first = [int(request.path.rpartition("/")[2]) for request in server.seen()[1:]]
            places = {number: place for place, number in enumerate(sorted(sent_first))}
            assert max(abs(places[number] - place) for place, number in enumerate(sent_first)) < 2 * CONNECTIONS
            assert len(sent_first) == len(set(sent_first)) <= 6 * CONNECTIONS
            assert set(answered) <= set(sent_first)
            assert {type(result) for result in late} == {RequestTimeoutError}
            sent = [error for error in late if isinstance(error, RequestTimeoutError) and error.sent]
            assert len(sent) <= 2 * CONNECTIONS
            # A busy loop may be late, and nobody is told before the time.
            print(f"{len(answered)} answered, told after {max(took.values()):.2f} s")
            assert max(took.values()) < 9 + 3
            assert min(took[number] for number in set(took) - set(answered)) > 8.99
            await asyncio.sleep(5)
            check_idle(client)

    run(main)


def test_a_limit_is_found_and_used() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        bucket = Bucket(loop.time, lambda _: 20.0)
        events = Events()

        async def respond(request: Request, wire: Wire) -> None:
            wait = bucket.take()
            if wait:
                await wire.answer({}, status=429, headers={"Retry-After": str(wait)})
            else:
                await wire.answer({"pong": "now"})

        async with (
            RawServer(respond) as server,
            client_of(server, max_in_flight=16, retries=20, observers=(events,)) as client,
        ):
            began = loop.time()

            async def work() -> None:
                while loop.time() < began + 30:
                    await client.session.ping()

            await asyncio.gather(*(work() for _ in range(20)))
            print(f"{bucket.used((10, 30)):.3f} used, {bucket.refused_part(10):.4f} refused")
            assert bucket.used((10, 30)) >= 0.9
            assert bucket.refused_part(10) < 0.02
            paces = [event.calls_per_second for event in events.of(PaceChanged)]
            assert paces[-1] is not None
            assert 17 < paces[-1] < 21
            assert len(events.of(AttemptStarted)) == 1 + len(bucket.given) + len(bucket.refused)
            check_idle(client)

    run(main)
