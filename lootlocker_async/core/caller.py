"""A session manager together with the options of some calls: what every service speaks to."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lootlocker_async.core import paths, serde

if TYPE_CHECKING:
    from lootlocker_async.core.call import CallOptions
    from lootlocker_async.core.pagination import PageOptions, Paginator, PositionalPageOptions
    from lootlocker_async.core.session import SessionManager
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
    ) -> Coroutine[Any, Any, T]:
        """Make a call.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: The model of its answer.
            query: Its query.
            fields: The fields of its body; None values are left out.
            request: The model of its body.
        """
        body = serde.encode(fields, request) if request is not None and fields is not None else None
        return self.manager.call(route, arguments, into, self.options, query=query, body=body)

    def pages(
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: type[Any],
        item: type[T],
        *,
        paging: PageOptions | PositionalPageOptions,
        query: paths.Query | None = None,
    ) -> Paginator[T]:
        """A list that comes in pages.

        Args:
            route: The operation.
            arguments: Its path arguments, in order.
            into: The model of a page.
            item: The model of an item.
            paging: How the list is walked.
            query: Its query beside the paging.
        """
        from lootlocker_async.core.pagination import Paginator

        del item  # it only tells the type checker what comes
        path = paths.compile_path(route, arguments)
        fixed = paths.pairs(query) if query else []
        address = f"{path}?{paths.quote_query(fixed)}" if fixed else path

        async def fetch(place: dict[str, Any]) -> Any:  # noqa: ANN401  (whatever model the page has)
            return await self.manager.call(route, arguments, into, self.options, query={**(query or {}), **place})

        return Paginator(route, address, fetch, **cast("PositionalPageOptions", paging))


class Service:
    """A section of the API; its methods are the section's operations."""

    def __init__(self, caller: Caller) -> None:
        """Made by the client."""
        self._caller = caller


__all__ = ["Caller", "Fields", "Service"]
