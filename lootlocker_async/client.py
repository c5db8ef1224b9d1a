"""The client: one attribute for each section of the API."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack, overload

import attrs

from lootlocker_async.config import ENV_PREFIX, ClientConfig, ClientSettings
from lootlocker_async.core import paths
from lootlocker_async.core.call import CallOptions, CallSettings
from lootlocker_async.core.observers import CallRecord, Drift, Observer, traces
from lootlocker_async.core.session import SessionManager
from lootlocker_async.errors import ConfigurationError, InvalidRequestError
from lootlocker_async.routes import Route, Verb
from lootlocker_async.secret import SecretStr

if TYPE_CHECKING:
    import aiohttp

    from lootlocker_async.core.caller import Caller, Service
    from lootlocker_async.services.asset_instance_progressions import AssetInstanceProgressionsService
    from lootlocker_async.services.asset_instances import AssetInstancesService
    from lootlocker_async.services.assets import AssetsService
    from lootlocker_async.services.balances import BalancesService
    from lootlocker_async.services.catalogs import CatalogsService
    from lootlocker_async.services.character_progressions import CharacterProgressionsService
    from lootlocker_async.services.characters import CharactersService
    from lootlocker_async.services.connected_accounts import ConnectedAccountsService
    from lootlocker_async.services.currencies import CurrenciesService
    from lootlocker_async.services.drop_tables import DropTablesService
    from lootlocker_async.services.friends import FriendsService
    from lootlocker_async.services.inventories import InventoriesService
    from lootlocker_async.services.leaderboards import LeaderboardsService
    from lootlocker_async.services.loadouts import LoadoutsService
    from lootlocker_async.services.loot_boxes import LootBoxesService
    from lootlocker_async.services.metadata import MetadataService
    from lootlocker_async.services.notifications import NotificationsService
    from lootlocker_async.services.oauth import OAuthService
    from lootlocker_async.services.player_files import PlayerFilesService
    from lootlocker_async.services.player_progressions import PlayerProgressionsService
    from lootlocker_async.services.player_storage import PlayerStorageService
    from lootlocker_async.services.players import PlayersService
    from lootlocker_async.services.progressions import ProgressionsService
    from lootlocker_async.services.purchases import PurchasesService
    from lootlocker_async.services.session import SessionService
    from lootlocker_async.services.triggers import TriggersService

__all__ = ["LootLockerClient"]

S = TypeVar("S", bound="Service")
T = TypeVar("T")

JSON = Any
"""What JSON can hold; the escape hatch gives it as it came."""

SECTIONS = (
    "asset_instance_progressions",
    "asset_instances",
    "assets",
    "balances",
    "catalogs",
    "character_progressions",
    "characters",
    "connected_accounts",
    "currencies",
    "drop_tables",
    "friends",
    "inventories",
    "leaderboards",
    "loadouts",
    "loot_boxes",
    "metadata",
    "notifications",
    "oauth",
    "player_files",
    "player_progressions",
    "player_storage",
    "players",
    "progressions",
    "purchases",
    "session",
    "triggers",
)
_VERBS: tuple[Verb, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SAFE_VERB = "GET"


class _Section(Generic[S]):
    """Loads a section's service when it's first touched, and leaves it in the client."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: LootLockerClient, owner: type) -> S: ...
    def __get__(self, instance: LootLockerClient | None, owner: type) -> Self | S:
        if instance is None:
            return self
        home = importlib.import_module(f"lootlocker_async.services.{self._name}")
        (name,) = home.__all__
        kind: type[S] = getattr(home, name)
        service = kind(instance._caller)  # noqa: SLF001  (the client's own descriptor)
        instance.__dict__[self._name] = service
        return service


class LootLockerClient:
    """A client of the LootLocker Server API.

    Make one and keep it: it holds the connections, the token and the limits. It may be made outside an event loop and
    used in the one that runs; every loop has connections of its own. Use it as `async with`, or call `close()`.

    Attributes:
        asset_instance_progressions: How far asset instances have come in progressions.
        asset_instances: Key-value pairs on a player's asset instance.
        assets: The game's assets and their contexts.
        balances: Wallets and what they hold.
        catalogs: What the game's catalogs sell.
        character_progressions: How far characters have come in progressions.
        characters: A player's characters and heroes.
        connected_accounts: The sign-in providers that players have connected.
        currencies: The game's currencies.
        drop_tables: Drawing from drop tables and granting what was drawn.
        friends: Players' friends.
        inventories: What players, characters and heroes own.
        leaderboards: Leaderboards, their scores, schedules, rewards, archives and resets.
        loadouts: What players, characters and heroes have equipped.
        loot_boxes: Looking into loot boxes and opening them.
        metadata: Metadata on things of the game and on players.
        notifications: Custom notifications to players.
        oauth: Tokens to act as a player in the Game API.
        player_files: A player's files.
        player_progressions: How far players have come in progressions.
        player_storage: Key-value pairs of players.
        players: Creating players and looking them up.
        progressions: The game's progressions and their tiers.
        purchases: Orders of the old purchase system.
        session: Starting the server's own session and keeping it alive; the client does both by itself.
        triggers: Triggers invoked for a player.
    """

    asset_instance_progressions: _Section[AssetInstanceProgressionsService] = _Section()
    asset_instances: _Section[AssetInstancesService] = _Section()
    assets: _Section[AssetsService] = _Section()
    balances: _Section[BalancesService] = _Section()
    catalogs: _Section[CatalogsService] = _Section()
    character_progressions: _Section[CharacterProgressionsService] = _Section()
    characters: _Section[CharactersService] = _Section()
    connected_accounts: _Section[ConnectedAccountsService] = _Section()
    currencies: _Section[CurrenciesService] = _Section()
    drop_tables: _Section[DropTablesService] = _Section()
    friends: _Section[FriendsService] = _Section()
    inventories: _Section[InventoriesService] = _Section()
    leaderboards: _Section[LeaderboardsService] = _Section()
    loadouts: _Section[LoadoutsService] = _Section()
    loot_boxes: _Section[LootBoxesService] = _Section()
    metadata: _Section[MetadataService] = _Section()
    notifications: _Section[NotificationsService] = _Section()
    oauth: _Section[OAuthService] = _Section()
    player_files: _Section[PlayerFilesService] = _Section()
    player_progressions: _Section[PlayerProgressionsService] = _Section()
    player_storage: _Section[PlayerStorageService] = _Section()
    players: _Section[PlayersService] = _Section()
    progressions: _Section[ProgressionsService] = _Section()
    purchases: _Section[PurchasesService] = _Section()
    session: _Section[SessionService] = _Section()
    triggers: _Section[TriggersService] = _Section()

    def __init__(
        self,
        server_key: str | Callable[[], str] | None = None,
        *,
        config: ClientConfig | None = None,
        aiohttp_session: aiohttp.ClientSession | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """Make a client; nothing is sent before its first call.

        Args:
            server_key: The game's server key, or a callable that gives it at each login.
            config: All settings at once, in place of `server_key` and `settings`.
            aiohttp_session: A session to send through instead of one of ours; it belongs to its own event loop and
                is never closed here. The limits on connections and TLS are then that session's.
            **settings: What `ClientConfig` takes.

        Raises:
            ConfigurationError: A setting is missing or makes no sense.
        """
        if isinstance(server_key, str):
            # First of all: this frame may be captured when a setting is refused.
            server_key = SecretStr(server_key)
        if config is None:
            config = ClientConfig(server_key=server_key, **settings)
        elif server_key is not None or settings:
            msg = "give config, or a server key and settings, not both"
            raise ConfigurationError(msg)
        config.check()
        self._manager = SessionManager(config, aiohttp_session, _made_at())

    @classmethod
    def from_env(cls, prefix: str = ENV_PREFIX, **settings: Unpack[ClientSettings]) -> Self:
        """Make a client of environment variables such as `LOOTLOCKER_SERVER_KEY` and `LOOTLOCKER_DOMAIN_KEY`.

        Args:
            prefix: What the variables' names begin with.
            **settings: Settings that win over the environment's.

        Raises:
            ConfigurationError: The key isn't there, or a setting makes no sense.
        """
        return cls(config=ClientConfig.from_env(prefix, **settings))

    @property
    def config(self) -> ClientConfig:
        """The client's settings."""
        return self._manager.config

    @cached_property
    def _caller(self) -> Caller:
        # Loaded when the first section is, because it brings what writes and reads bodies with it.
        from lootlocker_async.core.caller import Caller

        return Caller(self._manager, self._manager.options)

    def with_options(self, **options: Unpack[CallSettings]) -> Self:
        """The same client (connections, token, limits) with other settings for some calls.

        Args:
            **options: `timeout`, seconds that a call may take in all; `attempt_timeout`, seconds after which an
                idempotent call's attempt is given up and sent again (None for none but `timeout`); `retries`, how
                many times a call may be sent again. What isn't named stays as it is.

        Raises:
            ConfigurationError: A setting makes no sense.
        """
        settings: dict[str, Any] = {**self._caller.options._asdict(), **options}
        changed = CallOptions(**settings)
        attrs.evolve(self.config, **changed._asdict()).check()
        view = object.__new__(type(self))
        view._manager = self._manager
        view._caller = type(self._caller)(self._manager, changed)
        return view

    @overload
    async def request(
        self,
        verb: Verb,
        path: str,
        *,
        params: paths.Query | None = None,
        json: object = None,
        into: type[T],
        idempotent: bool | None = None,
    ) -> T: ...
    @overload
    async def request(
        self,
        verb: Verb,
        path: str,
        *,
        params: paths.Query | None = None,
        json: object = None,
        into: None = None,
        idempotent: bool | None = None,
    ) -> JSON: ...
    async def request(
        self,
        verb: Verb,
        path: str,
        *,
        params: paths.Query | None = None,
        json: object = None,
        into: type[Any] | None = None,
        idempotent: bool | None = None,
    ) -> Any:
        """Make a call that this SDK has no method for, with token, retries, limits and errors as usual.

        Args:
            verb: The HTTP verb.
            path: The path below the base address, such as `/leaderboards`; it is quoted here.
            params: The query; None values are left out, a list repeats its key.
            json: The body: anything that JSON can hold, models included; None for no body.
            into: An attrs class to make of the answer; None for plain JSON (None where the answer is empty).
            idempotent: Whether the call may be sent a second time. By default GET may and everything else may not.

        Raises:
            InvalidRequestError: Verb, path, query or body make no sense; nothing was sent.
            CallError: The call failed.
        """
        from lootlocker_async.core.serde import encode_json

        if verb not in _VERBS:
            msg = f"verb should be one of {', '.join(_VERBS)}, not {verb!r}"
            raise InvalidRequestError(msg)
        safe = verb == _SAFE_VERB if idempotent is None else idempotent
        route = Route("request", verb, paths.check_raw_path(path), safe)
        body = None if json is None else encode_json(json)
        kind: Any = Any if into is None else into
        return await self._manager.call(route, (), kind, self._caller.options, query=params, body=body)

    @contextmanager
    def trace(self) -> Generator[list[CallRecord]]:
        """Collect what becomes of this client's calls made inside the `with` block (and in tasks begun there).

        Yields:
            The list that the records are added to, each when its call ends.
        """
        records: list[CallRecord] = []
        token = traces.set((*traces.get(), (self._manager, records)))
        try:
            yield records
        finally:
            traces.reset(token)

    def observe(self, observer: Observer) -> None:
        """Tell a function of every event from now on (see `lootlocker_async.core.observers`)."""
        self._manager.observers.add(observer)

    def stop_observing(self, observer: Observer) -> None:
        """Tell a function of events no longer."""
        self._manager.observers.remove(observer)

    @property
    def drift(self) -> Mapping[Drift, int]:
        """How answers differed from the contract so far, and how often; nothing in it broke a call."""
        return self._manager.drift.counts

    async def preload(self, *, login: bool = True, connections: int = 0) -> None:
        """Pay the costs of first use now: load every section, build the decoders, open the pool and log in.

        Args:
            login: Whether to log in as well.
            connections: How many connections to open before a burst of calls, from 0 to `max_connections`; 0 by
                default. Each takes a ping, which the client's limits hold back like any call, and what is held back
                may find a connection open already. The service closes them again when they are long unused.

        Raises:
            CallError: The login or a ping failed.
            InvalidRequestError: `connections` doesn't fit; nothing was sent.
        """
        most = self.config.max_connections
        if type(connections) is not int or not 0 <= connections <= most:
            raise InvalidRequestError(f"connections should be a whole number from 0 to {most}, not {connections!r}")
        await asyncio.to_thread(_load_everything)
        if login:
            await self._manager.preload()
        try:
            async with asyncio.TaskGroup() as pings:
                for _ in range(connections):
                    pings.create_task(self.session.ping())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def close(self, grace: float = 5.0) -> None:
        """Close the client: new calls are refused, running ones finish or are cancelled, connections are closed.

        A walk through pages, a stream and a batch that have begun are running ones: they go on to their end as long as
        a task asks for more.

        Args:
            grace: Seconds that what is running may still take.
        """
        await self._manager.close(grace)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __enter__(self) -> Self:
        msg = "a LootLockerClient is closed asynchronously: use 'async with', not 'with'"
        raise TypeError(msg)

    def __exit__(self, *_: object) -> None:
        """Never reached; Python asks for it before it calls `__enter__`."""

    def __repr__(self) -> str:
        # A client whose settings were refused may still stand in a captured frame.
        return f"<LootLockerClient {self.config.address if hasattr(self, '_manager') else 'without settings'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        msg = "a client can't be pickled: pickle its config, made with server_key_env, and make a client of that"
        raise TypeError(msg)


def _made_at() -> str:
    """The line outside this package that is making a client."""
    here = str(Path(__file__).parent)
    frame = sys._getframe(1)  # noqa: SLF001  (inspect.stack() reads source files)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(here):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _load_everything() -> None:
    from lootlocker_async.core import converter, reader, retry, saving, serde, uploads  # noqa: F401  (loading is the point)

    for section in SECTIONS:
        importlib.import_module(f"lootlocker_async.services.{section}")
    models = importlib.import_module("lootlocker_async.models")
    for name in models.__all__:
        kind = getattr(models, name)
        if isinstance(kind, type) and attrs.has(kind):
            serde.decoder(kind)
