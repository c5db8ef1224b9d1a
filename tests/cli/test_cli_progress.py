"""The bar of a long command: on a terminal, after a second, with rate and time left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from lootlocker_async.bulk import Progress
from lootlocker_async.cli import progress
from lootlocker_async.cli.progress import Bar


@pytest.fixture
def screen():
    return Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)


def shown(screen):
    return screen.file.getvalue()


def test_a_bar_tells_rate_and_time_left(screen):
    with Bar("Exporting inventories", "ids", console=screen) as bar:
        bar.watch(Progress(10, 0, 1000, 20.0, 49.5, 8, 0.5))
        assert shown(screen) == ""  # it's too early to say anything
        bar.watch(Progress(250, 3, 1000, 230.4, 75.0, 8, 1.5))
        text = shown(screen)
    assert "Exporting inventories" in text
    assert " 250/1000" in text
    assert "230 ids/s 1:15 left  3 failed" in text


def test_a_bar_without_an_end_or_with_a_far_one(screen):
    with Bar("Reading", "scores", console=screen) as bar:
        bar.watch(Progress(250, 0, None, 250.0, None, 8, 1.0))
        assert "250/?" in shown(screen)
        assert "left" not in shown(screen)
        bar.watch(Progress(300, 0, 10**7, 250.0, 39_999.0, 8, 2.0))
        assert "11:06:39 left" in shown(screen)


def test_nothing_is_drawn_where_nobody_looks():
    elsewhere = Console(file=io.StringIO(), width=100)
    with Bar("Reading", "scores", console=elsewhere) as bar:
        bar.watch(Progress(250, 0, None, 250.0, None, 8, 5.0))
    assert shown(elsewhere) == ""
    with Bar("Reading", "scores") as bar:  # stderr, which is captured
        bar.watch(Progress(250, 0, None, 250.0, None, 8, 5.0))


def test_a_walk_is_counted_twice_a_second(screen, monkeypatch):
    now = 100.0
    monkeypatch.setattr(progress, "monotonic", lambda: now)
    with Bar("Reading", "scores", console=screen) as bar:
        bar.count(10, 1000)
        now = 100.6
        bar.count(60, 1000)
        assert shown(screen) == ""
        now = 102.0
        bar.count(200, 1000)
        assert "100 scores/s 0:08 left" in shown(screen)
        now = 104.0
        bar.count(400)
        assert "100 scores/s" in shown(screen)
