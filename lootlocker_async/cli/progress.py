"""How far a long command has come: a bar on stderr, on a terminal only, and only after a second."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress, TaskID

    from lootlocker_async.bulk import Progress

__all__ = ["Bar"]

_AFTER = 1.0
_EVERY = 0.5


class Bar:
    """A progress bar that appears when the work takes long; where nobody looks, nothing is shown."""

    def __init__(self, title: str, unit: str, *, console: Console | None = None) -> None:
        """Show nothing yet.

        Args:
            title: What is being done.
            unit: What is counted.
            console: Where to draw; stderr by default.
        """
        self._title = title
        self._unit = unit
        self._console = console
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._began = self._told = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def watch(self, progress: Progress) -> None:
        """Show how far a bulk job has come.

        Args:
            progress: What the job tells.
        """
        if self._bar is None:
            if progress.seconds < _AFTER:
                return
            self._bar = self._start()
            if self._bar is None:
                return
            self._task = self._bar.add_task(self._title, rate="", left="", total=None)
        assert self._task is not None  # noqa: S101  (made above)  # nosec B101
        self._bar.update(
            self._task,
            completed=progress.done,
            total=progress.total,
            rate=f"{progress.rate:,.0f} {self._unit}/s",
            left=_left(progress.left) + (f"  {progress.failed:,} failed" if progress.failed else ""),
            refresh=True,
        )

    def count(self, done: int, total: int | None = None) -> None:
        """Show how far a walk has come, twice a second.

        Args:
            done: How many things have been dealt with.
            total: How many there are, or None.
        """
        now = monotonic()
        if now - self._told < _EVERY:
            return
        from lootlocker_async.bulk import Progress

        self._told = now
        rate = done / (now - self._began)
        left = max(0, total - done) / rate if total is not None and rate else None
        self.watch(Progress(done, 0, total, rate, left, 1, now - self._began))

    def _start(self) -> RichProgress | None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress as RichProgress, TextColumn

        console = self._console or Console(stderr=True)
        if not console.is_terminal:
            return None
        bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", style="green", markup=False),
            TextColumn("{task.fields[left]}", style="cyan", markup=False),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        bar.start()
        return bar


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"
