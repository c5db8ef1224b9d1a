"""What the emulator's page asks for: the world section by section, the calls as they come, and the faults there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lootlocker_async.emulator import exact, views
from lootlocker_async.emulator.arguments import schema_of
from lootlocker_async.emulator.clock import precise
from lootlocker_async.emulator.errors import bad_request, not_found
from lootlocker_async.emulator.fault_documents import fault_constructors
from lootlocker_async.emulator.feed import Feed, Watched, shown_answer
from lootlocker_async.emulator.record import HIDDEN
from lootlocker_async.emulator.routing import Router
from lootlocker_async.emulator.snippets import Snippets
from lootlocker_async.emulator.views import Look

if TYPE_CHECKING:
    from lootlocker_async.emulator.server import Emulator
    from lootlocker_async.emulator.validation import Contract
    from lootlocker_async.routes import Route

MOST_CALLS = 200
"""How many calls are told of at a time; of more, the latest."""
LONGEST_WAIT = 25.0
"""How many seconds somebody can wait for the next call."""
_LONGEST_BODY = 64 * 1024
_SHORTEST_KEY = 8

Query = Callable[[str], str | None]
"""The one value of a query parameter, if it is there."""


class Dashboard:
    """Answers the page.

    Args:
        emulator: The emulator whose page it is.
        contract: What calls take, and their sections.
        served: The operations that the emulator serves.
        keys: What must not be shown, wherever it stands; a short one would be found in everything.
    """

    def __init__(
        self, emulator: Emulator, contract: Contract, served: Sequence[Route], *, keys: Sequence[str] = ()
    ) -> None:
        self._emulator = emulator
        self._snippets = Snippets(contract, Router(served))
        self._operations = sorted(route.operation for route in served)
        self._sections = sorted({contract.section(operation) for operation in self._operations})
        self._keys = [key for key in keys if len(key) >= _SHORTEST_KEY]
        self.feed: Feed = Feed(frozenset(route.operation for route in served if route.secret))

    def overview(self) -> dict[str, Any]:
        """How much there is of everything."""
        return {**views.overview(self._emulator.game), "revision": self._emulator.game.store.changes}

    def players(self, query: Query) -> object:
        """One page of the players."""
        return views.players(self._emulator.game, _look(query))

    def player(self, step: str) -> object:
        """One player."""
        return views.player(self._emulator.game, unquote(step))

    def boards(self, query: Query) -> object:
        """One page of the leaderboards."""
        return views.boards(self._emulator.game, _look(query))

    def board(self, step: str, query: Query) -> object:
        """One leaderboard."""
        return views.board(self._emulator.game, unquote(step), _look(query))

    def inventories(self, query: Query) -> object:
        """One page of the items in inventories."""
        return views.inventories(self._emulator.game, _look(query))

    def wallets(self, query: Query) -> object:
        """One page of the wallets."""
        return views.wallets(self._emulator.game, _look(query))

    def progressions(self, query: Query) -> object:
        """One page of the progressions."""
        return views.progressions(self._emulator.game, _look(query))

    def progression(self, step: str, query: Query) -> object:
        """One progression."""
        return views.progression(self._emulator.game, unquote(step), _look(query))

    async def calls(self, query: Query) -> dict[str, Any]:
        """The calls that came or changed since a change, which may be waited for, and how the emulator stands.

        Args:
            query: `after`, the `next` of the answer before; `epoch`, the same answer's; `wait`, in seconds.
        """
        feed = self.feed
        after = _number(query, "after", 0, 2**53)
        seconds = min(_number(query, "wait", 0, 3600), LONGEST_WAIT)
        if query("epoch") != feed.epoch:
            after = 0
        elif seconds:
            await feed.wait(after, seconds)
        calls = feed.since(after, MOST_CALLS)
        return {
            "epoch": feed.epoch,
            "next": feed.last_change,
            "calls": [self._summary(watched) for watched in calls],
            "state": self._state(),
        }

    def call(self, step: str) -> dict[str, Any]:
        """A call with its body, its answer, and the line of Python that makes it again.

        Raises:
            ServiceError: It is no longer kept.
        """
        watched = self.feed.get(int(step)) if step.isascii() and step.isdigit() and len(step) < 16 else None
        if watched is None:
            raise not_found("call any more", "number")
        call = watched.call
        body = None if call.body is None else exact.lay_out(call.body)
        shown: dict[str, Any] = {
            **self._summary(watched),
            "headers": dict(call.headers),
            "body": body if body is None else body[:_LONGEST_BODY],
            "body_cut": body is not None and len(body) > _LONGEST_BODY,
            "answer": shown_answer(watched),
            "request_id": watched.request_id,
            "retry_after": watched.retry_after,
            "sdk": self._snippets.of(call),
        }
        without: dict[str, Any] = self._without_keys(shown)
        return without

    def fault_kinds(self) -> dict[str, Any]:
        """What faults there are, each with the schema of its arguments, and what calls they can be for."""
        constructors = fault_constructors()
        return {
            "faults": {name: schema_of(make) for name, make in constructors.items()},
            "operations": self._operations,
            "sections": self._sections,
        }

    def _summary(self, watched: Watched) -> dict[str, Any]:
        call = watched.call
        summary: dict[str, Any] = {
            "number": watched.number,
            "operation": call.operation,
            "verb": call.verb,
            "path": call.path[:500],
            "query": call.query[:500],
            "received_at": precise(call.received_at),
            "status": call.status,
            "executed": call.executed,
            "fault": call.fault,
            "rate_limited": call.rate_limited,
            "milliseconds": None if watched.seconds is None else round(watched.seconds * 1000, 1),
        }
        without: dict[str, Any] = self._without_keys(summary)
        return without

    def _state(self) -> dict[str, Any]:
        emulator = self._emulator
        return {
            "now": precise(emulator.clock.now()),
            "frozen": emulator.clock.is_frozen,
            "revision": emulator.game.store.changes,
            "received": len(emulator.record),
            "logins": emulator.logins,
            "faults": emulator.faults.changes,
        }

    def _without_keys(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """A value in which no key stands, wherever a caller may have put one."""
        if isinstance(value, str):
            for key in self._keys:
                value = value.replace(key, HIDDEN)
            return value
        if isinstance(value, Mapping):
            return {name: self._without_keys(item) for name, item in value.items()}
        return value


def _look(query: Query) -> Look:
    return Look(
        search=(query("search") or "").strip()[:200],
        after=query("after") or "",
        count=_number(query, "count", 25, views.MOST) or 1,
    )


def _number(query: Query, name: str, default: int, most: int) -> int:
    text = query(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= most):
        raise bad_request(f"{name} is a number up to {most}", name)
    return int(text)
