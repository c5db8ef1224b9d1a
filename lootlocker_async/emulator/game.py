"""The emulated game: what the domain logic of every section works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import attrs

from lootlocker_async.emulator.clock import Clock, ClockState
from lootlocker_async.emulator.ids import Ids
from lootlocker_async.emulator.ranking import Ranking
from lootlocker_async.emulator.store import Store, Transaction

if TYPE_CHECKING:
    from lootlocker_async.emulator.boards import Board

# In order, which sorts in no time.
_PLACES = "SELECT sort_key, sequence FROM scores WHERE season_id = ? ORDER BY sort_key, sequence"
_NEXT_SEQUENCE = "SELECT coalesce(max(sequence), 0) + 1 FROM scores WHERE season_id = ?"


@attrs.frozen(kw_only=True)
class Settings:
    """How the emulated game is set up.

    Attributes:
        server_key: The key that a session starts with.
        token_lifetime: Seconds that a token lives past its last use.
        expired_token_status: 401, or 403 as the service has been seen to answer.
        inventory_page_cap: The most items that an inventory's page holds whatever was asked for, if there is such a
            silent cap.
        game_id: The game's id.
    """

    server_key: str = attrs.field(repr=False)
    token_lifetime: float = 3600.0
    expired_token_status: int = attrs.field(default=401, validator=attrs.validators.in_((401, 403)))
    inventory_page_cap: int | None = None
    game_id: int = 9021


class Game:
    """A game's state with the clock and the ids that change it.

    Args:
        settings: How it is set up.
        state: `:memory:`, or the file to keep the state in.
        clock: Its clock; the wall clock by default. One that was neither set, moved nor frozen goes on as the clock of
            the file did.
        seed: Where its ids and its draws begin.
    """

    def __init__(
        self, settings: Settings, *, state: str | Path = ":memory:", clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or Clock()
        self.store: Store = Store(state)
        self._kept_clock = None if str(state) == ":memory:" else self._keep_clock()
        # A state that is opened again must not be handed the ids that it has given out already.
        self.ids: Ids = Ids(Random(f"{seed}/{self.store.openings}"))
        # What is drawn by chance has a source of its own, so that it doesn't depend on how many ids were made.
        self.random: Random = Random(f"{seed}/{self.store.openings}/draws")
        self._rankings: dict[int, Ranking] = {}
        self._sequences: dict[int, int] = {}
        # The boards that calls have named, by what they named them; whoever changes a board forgets them.
        self.boards: dict[str, Board] = {}
        # When each token was last used, for those used since the state was opened.
        self.token_uses: dict[str, float] = {}
        # When the next reset of a leaderboard is due; None where that is to be looked up.
        self.next_reset: float | None = None

    def close(self) -> None:
        """Closes the state."""
        if self._kept_clock is not None:
            self._kept_clock.unfollow(self._write_clock)
            self._kept_clock = None
        self.store.close()
        self._rankings.clear()

    def clear(self) -> None:
        """Begins the game anew: nothing is left of it but the sessions of servers."""
        self.store.clear()
        self._forget()

    def _keep_clock(self) -> Clock:
        offset, frozen_at = self.store.kept("clock_offset"), self.store.kept("clock_frozen_at")
        if self.clock.state == ClockState(0.0, None) and isinstance(offset, float):
            self.clock.take(ClockState(offset, frozen_at if isinstance(frozen_at, float) else None))
        self._write_clock(self.clock.state)
        self.clock.follow(self._write_clock)
        return self.clock

    def _write_clock(self, state: ClockState) -> None:
        with self.store.transaction():
            self.store.keep("clock_offset", state.offset)
            self.store.keep("clock_frozen_at", state.frozen_at)

    def transaction(self) -> Transaction:
        """Everything inside happens, or nothing."""
        return Transaction(self.store, self._forget)

    def _forget(self) -> None:
        # What is kept beside the store may be ahead of it.
        self._rankings.clear()
        self._sequences.clear()
        self.boards.clear()
        self.next_reset = None

    def ranking(self, season_id: int) -> Ranking:
        """The ranking of a board's season; it is made from the store when it is first asked for."""
        ranking = self._rankings.get(season_id)
        if ranking is None:
            self._sequences.pop(season_id, None)
            ranking = self._rankings[season_id] = Ranking(self.store.rows(_PLACES, season_id))
        return ranking

    def known_ranking(self, season: int) -> Ranking | None:
        """The ranking of a board's season, if it was made already."""
        return self._rankings.get(season)

    @contextmanager
    def made_by(self, clock: Clock, ids: Ids) -> Iterator[None]:
        """What is made inside has that clock's time and those ids."""
        own = self.clock, self.ids
        self.clock, self.ids = clock, ids
        try:
            yield
        finally:
            self.clock, self.ids = own

    def next_sequence(self, season_id: int) -> int:
        """The sequence of the next place in a season, which needs no ranking: that takes long to make."""
        ranking = self._rankings.get(season_id)
        if ranking is not None:
            return ranking.next_sequence
        following = self._sequences.get(season_id)
        return self.store.count(_NEXT_SEQUENCE, season_id) if following is None else following

    def forget_ranking(self, season_id: int, *, next_sequence: int | None = None) -> None:
        """Lets a season's ranking be made anew, after its scores were changed in bulk.

        Args:
            season_id: The season.
            next_sequence: The sequence of the next place, where it is known.
        """
        self._rankings.pop(season_id, None)
        self._sequences.pop(season_id, None)
        if next_sequence is not None:
            self._sequences[season_id] = next_sequence
