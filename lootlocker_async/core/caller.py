"""A session manager together with the options of some calls: what every service speaks to."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lootlocker_async.core import paths, serde

if TYPE_CHECKING:
    from lootlocker_async.core.bodies import Body
    from lootlocker_async.core.call import CallOptions
    from lootlocker_async.core.pagination import PageOptions, Paginator, PositionalPageOptions
    from lootlocker_async.core.session import SessionManager
    from lootlocker_async.core.walk import Fetch
    from lootlocker_async.routes import Route

T = TypeVar("T")

Fields = Mapping[str, Any]


class Caller:
    """Makes calls with certain options."""

    __slots__ = ("manager", "options")

    def __init__(self, manager: SessionManager, options: CallOptions) -> None:
        self.manager: SessionManager = manager
        self.options: CallOptions = options

    def call(
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: type[T],
        *,
        query: paths.Query | None = None,
        fields: Fields | None = None,
        request: type[Any] | None = None,
        body: Body | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Make a call.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: The model of its answer.
            query: Its query.
            fields: The fields of its body; None values are left out.
            request: The model of its body.
            body: Its body where it isn't JSON.
        """
        sent = serde.encode(fields, request) if request is not None and fields is not None else body
        return self.manager.call(route, arguments, into, self.options, query=query, body=sent)

    def pages(
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: type[Any],
        item: type[T],
        *,
        paging: PageOptions | PositionalPageOptions,
        query: paths.Query | None = None,
        fields: Fields | None = None,
        request: type[Any] | None = None,
        parts: Sequence[Fields] = (),
        amend: Callable[[Any, Mapping[str, Any]], Any] | None = None,
    ) -> Paginator[T]:
        """A list that comes in pages.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: The model of a page.
            item: The model of an item.
            paging: How the list is walked.
            query: Its query beside the paging.
            fields: The fields of its body; None values are left out.
            request: The model of its body.
            parts: The bodies' fields, in place of `fields`, where one request can't ask for the whole list.
            amend: Makes what the walk sees of an answer and of the place in the query that it was asked for.
        """
        from lootlocker_async.core.pagination import Paginator

        del item  # it only tells the type checker what comes
        path = paths.compile_path(route, arguments)
        fixed = paths.pairs(query) if query else []
        asked = parts or ([fields] if fields is not None else [])
        bodies = [serde.encode(part, request) for part in asked] if request is not None else []
        address = f"{path}?{paths.quote_query(fixed)}" if fixed else path
        if bodies:
            # A checkpoint belongs to one list, and the body says which.
            address += f"#{zlib.crc32(b''.join(bodies)):08x}"

        def fetch_with(body: bytes | None, *, later: bool = False) -> Fetch:
            async def fetch(place: dict[str, Any]) -> Any:  # noqa: ANN401  (whatever model the page has)
                whole = {**(query or {}), **place}
                answer = await self.manager.call(
                    route, arguments, into, self.options, query=whole, body=body, later=later
                )
                return answer if amend is None else amend(answer, place)

            return fetch

        observers, under_way = self.manager.observers, self.manager.under_way
        if len(bodies) > 1:
            from lootlocker_async.core.parts import PartedPaginator

            fetches = [fetch_with(body) for body in bodies]
            return PartedPaginator(route, address, fetches, under_way=under_way, observers=observers, **paging)
        body = bodies[0] if bodies else None
        unread = fetch_with(body, later=True) if amend is None else None
        options = cast("PositionalPageOptions", paging)
        return Paginator(route, address, fetch_with(body), unread, under_way=under_way, observers=observers, **options)


class Service:
    """A section of the API; its methods are the section's operations."""

    def __init__(self, caller: Caller) -> None:
        """Made by the client."""
        self._caller = caller


__all__ = ["Caller", "Fields", "Service"]
