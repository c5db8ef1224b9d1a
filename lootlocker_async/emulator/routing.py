"""Finds the route that an address belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import attrs

from lootlocker_async.emulator.errors import ServiceError, bad_request
from lootlocker_async.routes import Route, Verb

PREFIX = "/server"
"""What every address begins with."""


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

    def _insert(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
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
            raise ServiceError(405, "method_not_allowed", f"This address takes {', '.join(allowed)}")
        raise ServiceError(404, "not_found", "There is no such address")


def _nodes(node: _Node, segments: list[str], depth: int) -> Iterable[_Node]:
    if depth == len(segments):
        yield node
        return
    literal = node.literals.get(segments[depth])
    if literal is not None:
        yield from _nodes(literal, segments, depth + 1)
    if node.parameter is not None:
        yield from _nodes(node.parameter, segments, depth + 1)


def _arguments(route: Route, segments: list[str]) -> dict[str, str]:
    parts = route.path.split("/")[1:]
    return {part[1:-1]: value for part, value in zip(parts, segments, strict=True) if part.startswith("{")}


def _segments(path: str) -> list[str] | None:
    if not path.startswith(PREFIX + "/"):
        return None
    try:
        segments = [unquote_to_bytes(part).decode() for part in path[len(PREFIX) + 1 :].split("/")]
    except UnicodeDecodeError as error:
        raise bad_request("The path is not UTF-8") from error
    # A server in front cleans such segments away or refuses them; they name nothing.
    return None if {"", ".", ".."} & set(segments) else segments
