"""The part of the world's builder that makes metadata."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lootlocker_async.emulator import exact, metadata
from lootlocker_async.emulator.game import Game


class MetadataWorld:
    """Builds metadata."""

    _game: Game

    def add_metadata_entry(
        self,
        source: str,
        source_id: str,
        key: str,
        type: str,
        value: Any = None,  # noqa: ANN401 - any JSON
        *,
        value_json: str | None = None,
        tags: Iterable[str] = (),
        access: Iterable[str] = (),
    ) -> None:
        """Hangs an entry on a thing.

        Args:
            source: What kind of thing: `asset`, `player`, `leaderboard` and so on.
            source_id: Its id.
            key: The entry's key.
            type: `string`, `number`, `bool`, `json` or `base64`.
            value: The value; fractions may be Decimals.
            value_json: The value as JSON instead, for numbers that a float can't hold.
            tags: Free labels.
            access: What game clients may do with it.
        """
        action = {
            "type": type,
            "value": value if value_json is None else exact.parse(value_json),
            "tags": list(tags),
            "access": list(access),
        }
        metadata.create(self._game, (source, source_id, key), action)

    def export_metadata_entries(self) -> list[dict[str, Any]]:
        """Every entry, as the arguments of `add_metadata_entry`."""
        return metadata.export(self._game)
