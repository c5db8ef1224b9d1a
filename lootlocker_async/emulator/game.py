"""The emulated game: what the domain logic of every section works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import attrs

from lootlocker_async.emulator.clock import Clock
from lootlocker_async.emulator.ids import Ids
from lootlocker_async.emulator.ranking import Ranking
from lootlocker_async.emulator.store import Store


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
        clock: Its clock; the wall clock by default.
        seed: Where its ids begin.
    """

    def __init__(
        self, settings: Settings, *, state: str | Path = ":memory:", clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or Clock()
        self.store: Store = Store(state)
        # A state that is opened again must not be handed the ids that it has given out already.
        self.ids: Ids = Ids(Random(f"{seed}/{self.store.openings}"))
        self._rankings: dict[int, Ranking] = {}

    def close(self) -> None:
        """Closes the state."""
        self.store.close()
        self._rankings.clear()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing."""
        try:
            with self.store.transaction():
                yield
        except BaseException:  # whatever went wrong, the rankings may be ahead of the store
            self._rankings.clear()
            raise

    def ranking(self, board_id: int) -> Ranking:
        """The ranking of a board; it is made from the store when it is first asked for."""
        ranking = self._rankings.get(board_id)
        if ranking is None:
            places = self.store.rows("SELECT sort_key, sequence FROM scores WHERE board_id = ?", board_id)
            ranking = self._rankings[board_id] = Ranking((row[0], row[1]) for row in places)
        return ranking

    @contextmanager
    def made_by(self, clock: Clock, ids: Ids) -> Iterator[None]:
        """What is made inside has that clock's time and those ids."""
        own = self.clock, self.ids
        self.clock, self.ids = clock, ids
        try:
            yield
        finally:
            self.clock, self.ids = own

    def forget_ranking(self, board_id: int) -> None:
        """Lets a board's ranking be made anew, after its scores were changed in bulk."""
        self._rankings.pop(board_id, None)
