"""What a bulk job learns its width from: each of its calls, once, and no more of it than its times."""

from __future__ import annotations

import pytest

from lootlocker_async import bulk
from lootlocker_async.bulk.width import Width
from lootlocker_async.core.observers import History
from tests.bulk.conftest import Game


async def test_a_call_is_put_down_once_whoever_hired_its_worker(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    noted, widths = list[tuple[float, int | None]](), list[int]()
    note = Width.note

    def note_too(width: Width, seconds: float, history: History) -> None:
        noted.append((seconds, history[0][1]))
        note(width, seconds, history)
        widths.append(width.now)

    monkeypatch.setattr(Width, "note", note_too)
    await game.client.session.ping()  # the login is a call of its own
    ids = game.players * 10
    results = bulk.map(game.client.player_storage.list, ids, concurrency=64)
    with game.client.trace() as calls:
        assert [result.error async for result in results] == [None] * len(ids)
    assert max(widths) > 8  # workers were hired by workers
    assert len(noted) == len(calls) == len(ids)
    assert all(seconds > 0 and status == 200 for seconds, status in noted)


async def test_a_job_within_a_traced_block_adds_each_call_once(game: Game) -> None:
    await game.client.session.ping()
    with game.client.trace() as calls:
        async for _ in bulk.map(game.client.player_storage.list, game.players * 5, concurrency=32):
            pass
    assert len({record.request_id for record in calls}) == len(calls) == len(game.players) * 5
    assert all(record.headers for record in calls)
