"""The part of the scenario that keeps things for players: storage, metadata, files, and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from lootlocker_async import LootLockerClient
from lootlocker_async.cli.demo.economy import Ledger
from lootlocker_async.cli.demo.plan import Errand
from lootlocker_async.cli.demo.steps import Stage, for_each
from lootlocker_async.cli.demo.worlds import digest, storage_of
from lootlocker_async.models.metadata import MetadataEntry, MetadataSourceEntries

__all__ = ["MESSAGE", "Keepsakes", "Kept", "metadata_of"]

MESSAGE = "custom.arena.reward"
_PLAYERS_AT_A_TIME = 50
_FILE = "slot-1.sav"
_MISSING = "never-written"
_TYPES: Mapping[type[object], str] = {bool: "bool", Decimal: "number", int: "number", dict: "json"}


@attrs.define
class Kept:
    """What was kept, as it was read back.

    Attributes:
        storage: What is stored for each player, by key.
        public: The same, public keys alone.
        metadata: What hangs on each player that has metadata, by key.
        failed: How many actions on metadata failed, as they must.
        files: The digest of each player's file.
        file_bytes: How many bytes they have together.
    """

    storage: dict[int, dict[str, str]] = attrs.field(factory=dict)
    public: dict[int, dict[str, str]] = attrs.field(factory=dict)
    metadata: dict[int, dict[str, object]] = attrs.field(factory=dict)
    failed: int = 0
    files: dict[int, str] = attrs.field(factory=dict)
    file_bytes: int = 0


def metadata_of(errand: Errand) -> dict[str, object]:
    """What hangs on a player who has metadata."""
    return {
        "arena.seen": True,
        "arena.luck": Decimal(f"0.{len(errand.keeps or b'')}00000000000001"),
        "arena.spent": errand.buys,
        "arena.plan": {"points": {key: list(amounts) for key, amounts in errand.points.items()}},
    }


class Keepsakes:
    """Keeps things for players.

    Args:
        stage: Where.
        ledger: What the economy knows of the players.
    """

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._client: LootLockerClient = stage.client
        self._stage = stage
        self._errands = stage.plan.errands
        self._ulids = ledger.ulids
        self.kept: Kept = Kept()

    async def store(self) -> None:
        """Write everybody's storage, many players to a call, and read all of it back, private and public."""
        player_ids = [player_id for player_id, _ in self._errands]

        async def write(some: Sequence[tuple[int, Errand]]) -> None:
            await self._client.player_storage.set(payload=[_entry(player_id, errand) for player_id, errand in some])

        with self._stage.step("write and read player storage") as step:
            batches = [
                self._errands[start : start + _PLAYERS_AT_A_TIME]
                for start in range(0, len(self._errands), _PLAYERS_AT_A_TIME)
            ]
            await for_each(batches, write)
            every = (await self._client.player_storage.list(player_ids=player_ids)).items
            public = (await self._client.player_storage.lookup(player_ids=player_ids)).storages
            self.kept.storage = {of.player_id: {item.key: item.value for item in of.items} for of in every}
            self.kept.public = {of.player_id: {item.key: item.value for item in of.storage} for of in public}
            step.items = sum(len(items) for items in (*self.kept.storage.values(), *self.kept.public.values()))

    async def describe(self) -> None:
        """Hang metadata on some players, with an action in each call that fails, and read it all in one call."""
        described = [(player_id, errand) for player_id, errand in self._errands if errand.keeps is not None]

        async def describe(each: tuple[int, Errand]) -> None:
            player_id, errand = each
            entries = [
                {"action": "upsert", "key": key, "type": _TYPES[type(value)], "value": value}
                for key, value in metadata_of(errand).items()
            ]
            done = await self._client.metadata.apply_actions(
                source="player",
                source_id=self._ulids[player_id],
                entries=[*entries, {"action": "delete", "key": _MISSING}],
            )
            self.kept.failed += len(done.errors)
            step.items += len(entries)

        with self._stage.step("write and read metadata") as step:
            await for_each(described, describe)
            sources = [
                {"source": "player", "id": self._ulids[player_id], "keys": list(metadata_of(errand))}
                for player_id, errand in described
            ]
            found = {of.source_id: of.entries for of in await self._read(sources)}
            self.kept.metadata = {
                player_id: _values(found.get(self._ulids[player_id], ())) for player_id, _ in described
            }

    async def _read(self, sources: Sequence[Mapping[str, object]]) -> Sequence[MetadataSourceEntries]:
        return (await self._client.metadata.list_multisource(sources=sources)).metadata if sources else ()

    async def save(self) -> None:
        """Upload a file for some players, each exactly once, and download every one of them."""

        async def save(each: tuple[int, bytes]) -> None:
            player_id, contents = each
            await self._stage.exactly_once.upload(player_id, contents, name=_FILE)
            (file,) = (await self._client.player_files.list(player_id)).items
            pieces = [piece async for piece in self._client.player_files.stream(file)]
            self.kept.files[player_id] = digest(b"".join(pieces))
            self.kept.file_bytes += sum(map(len, pieces))
            step.items += 1

        with self._stage.step("upload and download files") as step:
            await for_each(self._stage.plan.keepers.items(), save, workers=4)

    async def notify(self) -> None:
        """Tell everybody who opened a box."""

        async def notify(player_id: int) -> None:
            await self._stage.exactly_once.notify(self._ulids[player_id], MESSAGE, {"opened": "box"})
            step.items += 1

        with self._stage.step("notify players") as step:
            await for_each(self._stage.plan.boxes, notify)


def _entry(player_id: int, errand: Errand) -> dict[str, object]:
    sets = [{"key": key, "value": value, "is_public": key == "bought"} for key, value in storage_of(errand).items()]
    return {"player_id": player_id, "sets": sets}


def _values(entries: Sequence[MetadataEntry]) -> dict[str, object]:
    return {entry.key: entry.value for entry in entries}
