"""Finds the route that an address belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import attrs

from lootlocker_async.emulator.errors import ServiceError, bad_request
from lootlocker_async.routes import Route, Verb

PREFIX = "/server"
"""What every address begins with, but for the few that stand beside it."""
_REMEMBERED = 2048


class Match(NamedTuple):
    """A route, and the path arguments that an address gives it."""

    route: Route
    arguments: dict[str, str]


@attrs.define
class _Node:
    routes: dict[Verb, Route] = attrs.Factory(dict)
    literals: dict[str, _Node] = attrs.Factory(dict)
    parameter: _Node | None = None


class Router:
    """A tree of path segments, in which a literal segment wins over a parameter and the first one decides.

    Args:
        routes: What can be found.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._insert(route)
        # A game server asks for the same addresses again and again.
        self._remembered = lru_cache(_REMEMBERED)(self._match)

    def _insert(self, route: Route) -> None:
        node = self._root
        for segment in _template(route):
            if not segment:
                # An address that ends in a slash is served without it too, as the contract has both.
                node.routes[route.verb] = route
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        node.routes[route.verb] = route

    def match(self, verb: str, path: str) -> Match:
        """Finds the route of a request.

        Args:
            verb: Its verb.
            path: Its path as it came, percent-encoded.

        Returns:
            The route and its arguments.

        Raises:
            ServiceError: There is none, or not with this verb, or the path is not UTF-8.
        """
        return self._remembered(verb, path)

    def _match(self, verb: str, path: str) -> Match:
        segments = _segments(path)
        known: list[_Node] = []
        if segments is not None:
            for node in _nodes(self._root, segments, 0):
                for route in node.routes.values():
                    if route.verb == verb:
                        return Match(route, _arguments(route, segments))
                known.append(node)
        allowed = sorted({found for node in known for found in node.routes})
        if allowed:
            verbs = ", ".join(allowed)
            raise ServiceError(405, "method_not_allowed", f"This address takes {verbs}", headers={"Allow": verbs})
        raise ServiceError(404, "not_found", "There is no such address")


def _nodes(node: _Node, segments: list[str], depth: int) -> Iterable[_Node]:
    if depth == len(segments):
        yield node
        return
    literal = node.literals.get(segments[depth])
    if literal is not None:
        yield from _nodes(literal, segments, depth + 1)
    if node.parameter is not None and segments[depth]:
        yield from _nodes(node.parameter, segments, depth + 1)


def _arguments(route: Route, segments: list[str]) -> dict[str, str]:
    # The template may have a slash at its end that the address doesn't have.
    return {part[1:-1]: value for part, value in zip(_template(route), segments, strict=False) if part.startswith("{")}


def _template(route: Route) -> list[str]:
    return (route.path if route.below_root else PREFIX + route.path).split("/")[1:]


def _segments(path: str) -> list[str] | None:
    if not path.startswith("/"):
        return None
    try:
        segments = [unquote_to_bytes(part).decode() for part in path[1:].split("/")]
    except UnicodeDecodeError as error:
        raise bad_request("The path is not UTF-8") from error
    # A server in front cleans such segments away or refuses them; they name nothing. An empty last one is another
    # matter: some addresses end in a slash.
    return None if {".", ".."} & set(segments) or "" in segments[:-1] else segments
