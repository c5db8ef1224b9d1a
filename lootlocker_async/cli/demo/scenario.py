"""What the demo does with the game, through the SDK's public API alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.cli.demo.plan import Plan, Standing, Turn, World
from lootlocker_async.cli.demo.reconcile import ExactlyOnce
from lootlocker_async.cli.demo.workers import for_each
from lootlocker_async.core.observers import CallRecord, Event, GateClosed, LoggedIn, OutcomeUnknown
from lootlocker_async.emulator import Emulator
from lootlocker_async.models.leaderboards import LeaderboardScore
from lootlocker_async.routes import all_routes

__all__ = ["Outcome", "Step", "Told", "play"]

_PAGED = frozenset(route.operation for route in all_routes() if route.paging is not None)
_PAGES = 40
_LARGEST_PAGE = 2000


@attrs.define
class Step:
    """One step of the demo and what it took.

    Attributes:
        name: What was done.
        calls: What became of each of its calls, the login among them.
        items: How many items it read or wrote.
        seconds: How long it took.
    """

    name: str
    calls: list[CallRecord]
    items: int = 0
    seconds: float = 0.0

    @property
    def sent(self) -> int:
        """How many requests its calls sent."""
        return sum(len(call.attempts) for call in self.calls)

    @property
    def pages(self) -> int:
        """How many pages of lists it got."""
        return sum(call.operation in _PAGED and call.outcome == "ok" for call in self.calls)


@attrs.define
class Told:
    """An observer of the client that keeps count.

    Attributes:
        logins: Logins that gave a token.
        pauses: How often a Retry-After held the whole client back.
        unknown: Calls whose outcome nobody knew.
    """

    logins: int = 0
    pauses: int = 0
    unknown: int = 0

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case LoggedIn(ok=True):
                self.logins += 1
            case GateClosed():
                self.pauses += 1
            case OutcomeUnknown():
                self.unknown += 1
            case _:
                pass


@attrs.define(kw_only=True)
class Outcome:
    """What the demo did and saw.

    Attributes:
        before: The world as it was.
        after: The world as it became.
        scores: The board in the end, by rank.
        scores_again: The same, read in another way.
        ranks: The standing of each player who played, as read one by one.
        top: The first page of the board.
        steps: What each step took.
        told: What the client told its observer.
        exactly_once: What became of unknown outcomes.
    """

    before: World
    after: World
    scores: list[LeaderboardScore]
    scores_again: list[LeaderboardScore]
    ranks: dict[str, LeaderboardScore]
    top: tuple[LeaderboardScore, ...]
    steps: list[Step]
    told: Told
    exactly_once: ExactlyOnce


class _Player:
    """Plays the demo with one client.

    Args:
        client: The client.
        plan: What is to be done.
        doing: Told the name of each step as it begins.
    """

    def __init__(self, client: LootLockerClient, plan: Plan, doing: Callable[[str], None]) -> None:
        self._client = client
        self._plan = plan
        self._doing = doing
        self.steps: list[Step] = []
        self.exactly_once = ExactlyOnce(client)

    @contextmanager
    def _step(self, name: str) -> Generator[Step]:
        self._doing(name)
        began = time.perf_counter()
        with self._client.trace() as calls:
            step = Step(name, calls)
            yield step
        step.seconds = time.perf_counter() - began
        self.steps.append(step)

    async def log_in(self) -> None:
        """Pay the costs of first use; a first call would do so as well."""
        with self._step("log in and get ready"):
            await self._client.preload()

    async def board(self, *, page_size: int, concurrency: int) -> list[LeaderboardScore]:
        """Page through the whole board: one page after another with a look-ahead, or many pages at a time."""
        way = f"{concurrency} pages at a time" if concurrency > 1 else "looking a page ahead"
        with self._step(f"read the board, {way}") as step:
            scores = self._client.leaderboards.list_scores(
                self._plan.board, page_size=page_size, concurrency=concurrency
            )
            entries = [entry async for entry in scores]
            step.items = len(entries)
        return entries

    async def inventories(self, when: str) -> dict[int, Counter[int]]:
        """Read every player's inventory, before or after what is done."""
        found: dict[int, Counter[int]] = {}

        async def read(turn: Turn) -> None:
            items = self._client.inventories.list_for_player(turn.player_id)
            found[turn.player_id] = Counter([item.asset.id async for item in items if item.asset is not None])

        with self._step(f"read all inventories, {when}") as step:
            await for_each(self._plan.turns, read)
            step.items = sum(items.total() for items in found.values())
        return found

    async def submit(self) -> dict[str, int]:
        """Submit everybody's score. The answers say what each has then: the better of the old one and the new."""
        scores: dict[str, int] = {}

        async def submit(turn: Turn) -> None:
            entry = await self._client.leaderboards.submit_score(
                self._plan.board, member_id=turn.member_id, score=turn.score, metadata=turn.metadata
            )
            scores[turn.member_id] = entry.score

        with self._step("submit scores") as step:
            await for_each(self._plan.turns, submit)
            step.items = len(scores)
        return scores

    async def increment(self, scores: dict[str, int]) -> None:
        """Make every increment, each exactly once; one worker has all of a member's."""

        async def increment(turn: Turn) -> None:
            score = scores[turn.member_id]
            for amount in turn.amounts:
                score = await self.exactly_once.increment(self._plan.board, turn.member_id, amount, score=score)
                step.items += 1

        with self._step("increment scores") as step:
            await for_each(self._plan.turns, increment)

    async def grant(self, inventories: dict[int, Counter[int]]) -> None:
        """Make every grant, each exactly once; one worker has all of a player's."""

        async def grant(turn: Turn) -> None:
            held = Counter(inventories[turn.player_id])
            for asset_id in turn.assets:
                held[asset_id] = await self.exactly_once.grant(turn.player_id, asset_id, held=held[asset_id])
                step.items += 1

        with self._step("grant items") as step:
            await for_each(self._plan.turns, grant)

    async def ranks(self) -> dict[str, LeaderboardScore]:
        """Read the rank of every player who played."""
        found: dict[str, LeaderboardScore] = {}

        async def read(turn: Turn) -> None:
            for entry in await self._client.leaderboards.list_member_ranks(turn.member_id).collect():
                step.items += 1
                if entry.leaderboard_key == self._plan.board and entry.rank is not None:
                    found[turn.member_id] = entry.rank

        with self._step("read ranks, member by member") as step:
            await for_each(self._plan.turns, read)
        return found

    async def top(self, count: int = 10) -> tuple[LeaderboardScore, ...]:
        """The top of the board: awaiting a list gives its first page."""
        with self._step("read the top of the board") as step:
            page = await self._client.leaderboards.list_scores(self._plan.board, page_size=count)
            step.items = len(page)
        return page.items


async def play(emulator: Emulator, plan: Plan, doing: Callable[[str], None]) -> Outcome:
    """Carry the plan out.

    Args:
        emulator: The service.
        plan: What is to be done.
        doing: Told the name of each step as it begins.

    Returns:
        What was done and seen.
    """
    told = Told()
    async with LootLockerClient(
        emulator.server_key,
        base_url=emulator.base_url,
        # The service is near and the faults come in clusters: pauses may be short, and repeats many.
        retries=8,
        backoff_base=0.1,
        observers=(told,),
    ) as client:
        player = _Player(client, plan, doing)
        await player.log_in()
        scores = await player.board(page_size=_LARGEST_PAGE, concurrency=4)
        page_size = min(max(len(scores) // _PAGES, 10), _LARGEST_PAGE)
        inventories = await player.inventories("before")
        before = World(board=standings(scores), inventories=inventories)

        await player.increment(await player.submit())
        await player.grant(inventories)

        scores = await player.board(page_size=page_size, concurrency=8)
        return Outcome(
            before=before,
            scores=scores,
            scores_again=await player.board(page_size=page_size, concurrency=1),
            ranks=await player.ranks(),
            after=World(board=standings(scores), inventories=await player.inventories("after")),
            top=await player.top(),
            steps=player.steps,
            told=told,
            exactly_once=player.exactly_once,
        )


def standings(scores: Iterable[LeaderboardScore]) -> dict[str, Standing]:
    """The board by member."""
    return {entry.member_id: Standing(entry.score, entry.metadata) for entry in scores}
