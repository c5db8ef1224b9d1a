"""`lootlocker doctor --drift`: where the service's answers differ from our models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import msgspec

from lootlocker_async.cli.probes import NOT_TRIED, OPTIONS, PROBES, Probe
from lootlocker_async.cli.shapes import Difference, differences, paging_told
from lootlocker_async.core import serde
from lootlocker_async.core.caller import Caller
from lootlocker_async.errors import APIError, AuthenticationError, CallError, ConnectError, InvalidRequestError

if TYPE_CHECKING:
    from lootlocker_async.client import LootLockerClient
    from lootlocker_async.core.call import CallOptions
    from lootlocker_async.core.session import SessionManager
    from lootlocker_async.routes import Route

__all__ = ["Looked", "look"]


class Looked(NamedTuple):
    """What came of looking at one operation.

    Attributes:
        section: The section of the API.
        operation: The operation.
        state: `same` or `differs`; `empty` where there is nothing of the kind, `failed`, or `not tried`.
        paging: How its list pages, where it is one.
        differences: How its answer differs.
        told: Why it failed or was not tried.
    """

    section: str
    operation: str
    state: Literal["same", "differs", "empty", "failed", "not tried"]
    paging: str = ""
    differences: tuple[Difference, ...] = ()
    told: str = ""


class _Heard(NamedTuple):
    into: Any
    body: bytes


class _Listener:
    """A session manager's calls, with the bytes of their answers kept for a look at them."""

    def __init__(self, manager: SessionManager) -> None:
        self._manager = manager
        self.heard: dict[str, _Heard] = {}

    def __getattr__(self, name: str) -> Any:
        """Everything else is the manager's."""
        return getattr(self._manager, name)

    async def call(
        self,
        route: Route,
        arguments: tuple[object, ...],
        into: Any,
        options: CallOptions,
        *,
        query: Any = None,
        body: Any = None,
        later: bool = False,
    ) -> Any:
        """Make a call as a session manager does, and keep what came."""
        del later  # a model that is read at once is taken as well
        raw = await self._manager.call(route, arguments, msgspec.Raw, options, query=query, body=body)
        self.heard[route.operation] = heard = _Heard(into, bytes(raw))
        return serde.decode(heard.body, into)


async def look(client: LootLockerClient, given: Mapping[str, Any], *, size: int) -> list[Looked]:
    """Call the read-only operations one by one, and compare each answer with its model.

    Args:
        client: The client to call with.
        given: The ids that are known from the start.
        size: How many items a page should have, from 1.

    Raises:
        AuthenticationError: The key was refused.
        ConnectError: The service can't be reached.
    """
    listener = _Listener(client._caller.manager)  # noqa: SLF001  (the package's own)
    listening = client.with_options()
    listening._caller = Caller(cast("SessionManager", listener), client._caller.options)  # noqa: SLF001
    ids = dict(given)
    found = [await _try(probe, listening, listener, ids, size) for probe in PROBES]
    found += [Looked(_section(name), name, "not tried", told=why) for name, why in NOT_TRIED.items()]
    return sorted(found, key=lambda one: one.section)


async def _try(probe: Probe, client: LootLockerClient, listener: _Listener, ids: dict[str, Any], size: int) -> Looked:
    route = probe.route
    section = _section(route.operation)
    missing = [name for name in probe.needs if name not in ids]
    if missing:
        return Looked(section, route.operation, "not tried", told=_how_to_give(missing))
    try:
        await probe.call(client, ids, size)
    except (AuthenticationError, ConnectError):
        raise
    except APIError as error:
        if error.status in probe.may_lack:
            return Looked(section, route.operation, "empty", told=f"there is none (status {error.status})")
        return Looked(section, route.operation, "failed", told=str(error))
    except (CallError, InvalidRequestError) as error:
        return Looked(section, route.operation, "failed", told=f"{type(error).__name__}: {error}")
    except serde.Unreadable:
        pass  # the comparison tells it, with all the rest
    into, body = listener.heard[route.operation]
    found = differences(body, into)
    paging = ""
    if route.paging is not None and not any(one.kind == "unreadable" for one in found):
        paging, as_expected = paging_told(body, route.paging, size)
        if not as_expected:
            found.append(Difference("paging", route.paging.style, paging))
    _learn(probe, body, ids)
    differs = any(one.kind != "date" for one in found)
    return Looked(section, route.operation, "differs" if differs else "same", paging, tuple(found))


def _section(operation: str) -> str:
    from lootlocker_async.client import SECTIONS

    return max((section for section in SECTIONS if operation.startswith(f"{section}_")), key=len)


def _how_to_give(missing: list[str]) -> str:
    options = [OPTIONS[name] for name in missing if name in OPTIONS]
    if options:
        return f"give {' and '.join(options)}"
    return f"no answer showed one: {missing[0].replace('_', ' ')}"


def _learn(probe: Probe, body: bytes, ids: dict[str, Any]) -> None:
    """Take the ids that an answer shows; those that are known stay."""
    if not probe.teaches:
        return
    data = msgspec.json.decode(body)
    for name, path in probe.teaches.items():
        value = _at(data, path.split("."))
        if value not in {None, ""} and name not in ids:
            ids[name] = value


def _at(data: Any, steps: list[str]) -> Any:
    """What stands at a path, in the first item of a list that has it; None where there is nothing."""
    for number, step in enumerate(steps):
        if step == "*":
            items: list[Any] = data if isinstance(data, list) else []
            return next((value for item in items if (value := _at(item, steps[number + 1 :])) not in {None, ""}), None)
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data if isinstance(data, (str, int)) else None
