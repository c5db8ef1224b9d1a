"""The part of the world's builder that makes what players keep: their storage and their files."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from lootlocker_async.emulator import player_files, player_storage, players
from lootlocker_async.emulator.game import Game
from lootlocker_async.emulator.player_files import FileSpec


class PlayerDataWorld:
    """Builds storage and files."""

    _game: Game

    def add_player_storage_pair(self, player_id: int, key: str, value: str, *, is_public: bool = False) -> None:
        """Puts a pair into a player's storage.

        Args:
            player_id: The player.
            key: The key.
            value: The value.
            is_public: Whether other players can read it.
        """
        players.require(self._game, player_id)
        player_storage.put(self._game, player_id, key, value, is_public=is_public)

    def export_player_storage_pairs(self) -> list[dict[str, Any]]:
        """Every pair, as the arguments of `add_player_storage_pair`."""
        return player_storage.export(self._game)

    def add_player_file(
        self,
        player_id: int,
        name: str,
        purpose: str,
        content: str | None = None,
        *,
        revisions: Iterable[Mapping[str, str]] = (),
        public: bool = False,
        file_id: int | None = None,
        created_at: str | None = None,
    ) -> int:
        """Gives a player a file.

        Args:
            player_id: The player.
            name: The file's name.
            purpose: A tag that says what it is for.
            content: Its contents in base64; the last of the revisions by default, and nothing where there are none.
            revisions: Its earlier contents, the oldest first, each with `content` in base64 and perhaps `revision_id`.
            public: Whether other players can read it.
            file_id: Its id; the next one by default.
            created_at: When it was first uploaded; now by default.

        Returns:
            Its id.
        """
        spec = FileSpec(purpose=purpose, public=public, file_id=file_id, created_at=created_at)
        kept = [*revisions]
        if content is not None or not kept:
            kept.append({"content": content or ""})
        with self._game.transaction():
            file_id = player_files.make(self._game, player_id, name, spec)
            for revision in kept:
                data = base64.b64decode(revision["content"], validate=True)
                player_files.add_revision(self._game, file_id, data, revision.get("revision_id"))
        return file_id

    def export_player_files(self) -> list[dict[str, Any]]:
        """Every file, as the arguments of `add_player_file`."""
        return player_files.export(self._game)
