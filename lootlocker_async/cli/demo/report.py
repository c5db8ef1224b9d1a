"""The printed account: rich on a terminal; plain text of a fixed width, and ASCII alone, everywhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lootlocker_async.cli.demo import economy_report
from lootlocker_async.cli.demo.checks import Check
from lootlocker_async.cli.demo.executions import executions
from lootlocker_async.cli.demo.plan import Plan
from lootlocker_async.cli.demo.scenario import Outcome
from lootlocker_async.emulator import Emulator, GeneratedGame, Record

__all__ = ["Report"]

_WIDTH = 110


class Report:
    """Prints what the demo does and what came of it."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        self._console = console if console.is_terminal else Console(highlight=False, width=_WIDTH)
        self._box = box.SIMPLE_HEAD if console.is_terminal else box.MARKDOWN

    def opening(self, game: GeneratedGame, base_url: str, seconds: float) -> None:
        """Say what is about to be played with."""
        self._say(f"[bold]The emulator[/] listens at {base_url}")
        self._say(
            f"It has made up a game in {seconds:.1f} s: {len(game.board_players):,} scores on the board "
            f"{game.board_key}, {len(game.inventory_players):,} players with {game.items:,} items."
        )

    def doing(self, step: str) -> None:
        """Say what is being done, where somebody may be watching."""
        if self._console.is_terminal:
            self._say(f"[dim]... {escape(step)}[/]")

    def account(self, outcome: Outcome, plan: Plan, emulator: Emulator, seconds: float) -> None:
        """Print what was done, what it took, and what came of it."""
        self._steps(outcome, seconds)
        if any(call.fault for call in emulator.record):
            self._faults(emulator.record)
        self._executions(outcome, plan, emulator.record)
        self._economy(outcome, plan, emulator.record)
        self._top(outcome, plan)

    def verdict(self, checks: Sequence[Check]) -> bool:
        """Print every check.

        Returns:
            Whether all of them hold.
        """
        table = self._table("", "what must hold", "found")
        for check in checks:
            table.add_row("[green]ok[/]" if check.holds else "[bold red]FAILED[/]", check.what, check.found)
        self._show("Checks", table)
        failed = sum(not check.holds for check in checks)
        self._say(
            f"\n[bold red]{failed} of {len(checks)} checks failed.[/]"
            if failed
            else f"\nAll {len(checks)} checks hold."
        )
        return not failed

    def _steps(self, outcome: Outcome, seconds: float) -> None:
        steps, told = outcome.steps, outcome.told
        table = self._table("step", "calls", "sent", "pages", "items", "seconds", "calls/s", numbers=6)
        for step in steps:
            table.add_row(
                step.name,
                f"{len(step.calls):,}",
                f"{step.sent:,}",
                f"{step.pages:,}",
                f"{step.items:,}",
                f"{step.seconds:.2f}",
                f"{len(step.calls) / max(step.seconds, 1e-6):,.0f}",
            )
        calls, sent = sum(len(step.calls) for step in steps), sum(step.sent for step in steps)
        retries = sum(step.again for step in steps)
        pages, items = sum(step.pages for step in steps), sum(step.items for step in steps)
        spent = sum(step.seconds for step in steps)
        table.add_row(
            "together", f"{calls:,}", f"{sent:,}", f"{pages:,}", f"{items:,}", f"{spent:.2f}", f"{calls / spent:,.0f}"
        )
        self._show("Steps", table)
        self._say(
            f"calls {calls:,}, logins {told.logins}, retries {retries:,}, pages {pages:,}, items {items:,}, "
            f"unknown outcomes {told.unknown},"
        )
        self._say(f"pauses for a Retry-After {told.pauses}, seconds {seconds:.1f} with the making of the game")

    def _faults(self, record: Record) -> None:
        table = self._table("operation", "fault", "status", "times", numbers=1)
        met = Counter((call.operation or "", call.fault, call.status) for call in record if call.fault)
        for (operation, fault, status), times in sorted(met.items(), key=str):
            table.add_row(operation, fault, "no answer" if status is None else str(status), f"{times:,}")
        self._show("How the emulator misbehaved", table)

    def _executions(self, outcome: Outcome, plan: Plan, record: Record) -> None:
        table = self._table(
            "calls", "planned", "received", "executed", "answer lost", "executed twice", "missing",
            numbers=6,
        )  # fmt: skip
        for what, *counts in executions(plan, record, outcome.ledger):
            table.add_row(what, *(f"{count:,}" for count in counts))
        self._show("Exactly once, by the emulator's record", table)

    def _economy(self, outcome: Outcome, plan: Plan, record: Record) -> None:
        table = self._table("currency", "credited", "from tiers", "debited", "in wallets now", numbers=4)
        for row in economy_report.currencies(outcome, plan, record):
            table.add_row(*row)
        self._show("The economy", table)
        table = self._table("progression", "players", "points", "tiers reached", numbers=3)
        for row in economy_report.progressions(outcome, plan):
            table.add_row(*row)
        self._show("Progressions", table)
        table = self._table("out of a", "came", "odds", "times", numbers=2)
        for row in economy_report.drops(outcome, plan):
            table.add_row(*(escape(cell) for cell in row))
        self._show("Drops", table)
        self._say(f"\n{economy_report.the_rest(outcome)}")

    def _top(self, outcome: Outcome, plan: Plan) -> None:
        table = self._table("rank", "score", "member", "player", "metadata")
        for entry in outcome.top:
            name = (entry.player.name if entry.player else None) or ""
            table.add_row(
                str(entry.rank), f"{entry.score:,}", entry.member_id, escape(name), escape(entry.metadata or "")
            )
        self._show(f"Top ten of {plan.board}", table)

    def _table(self, *columns: str, numbers: int = 0) -> Table:
        """A table whose last columns, so many of them, hold numbers."""
        table = Table(box=self._box)
        for index, column in enumerate(columns):
            table.add_column(column, justify="right" if index >= len(columns) - numbers else "left")
        return table

    def _show(self, title: str, table: Table) -> None:
        self._say(f"\n[bold]{escape(title)}[/]\n")
        if self._console.is_terminal:
            self._console.print(table)
            return
        # The table's own lines alone, without the blanks that would fill them up to its width.
        with self._console.capture() as drawn:
            self._console.print(table)
        lines = (line.rstrip() for line in drawn.get().splitlines())
        self._console.out("\n".join(line for line in lines if line))

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)
