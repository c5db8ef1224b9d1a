"""What the progressions of players, characters and asset instances have in common: all but whose they are."""

from __future__ import annotations

from types import NoneType

from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.models.progressions import (
    ProgressionPointsRequest,
    ProgressionState,
    ProgressionStatePage,
    ProgressionStateUpdate,
)
from lootlocker_async.routes import Route

__all__ = ["OwnedProgressions"]

_Arguments = tuple[int | str, ...]


class OwnedProgressions(Service):
    """Progressions that an owner is on; each kind of owner has routes of its own, with the same meaning."""

    def _list(self, route: Route, owner: _Arguments, paging: PageOptions) -> Paginator[ProgressionState]:
        return self._caller.pages(route, owner, ProgressionStatePage, ProgressionState, paging=paging)

    async def _get(self, route: Route, which: _Arguments) -> ProgressionState:
        return await self._caller.call(route, which, ProgressionState)

    async def _delete(self, route: Route, which: _Arguments) -> None:
        await self._caller.call(route, which, NoneType)

    async def _change(self, route: Route, which: _Arguments, amount: int) -> ProgressionStateUpdate:
        fields = {"amount": amount}
        return await self._caller.call(
            route, which, ProgressionStateUpdate, fields=fields, request=ProgressionPointsRequest
        )

    async def _reset(self, route: Route, which: _Arguments) -> ProgressionStateUpdate:
        return await self._caller.call(route, which, ProgressionStateUpdate)
