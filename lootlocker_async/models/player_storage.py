"""Player storage: keys and texts kept for each player."""

from __future__ import annotations

from typing import Annotated

import msgspec

from lootlocker_async.models.base import Seq, Soft, model, soft
from lootlocker_async.models.constraints import Int64, NonEmpty


@model
class PlayerStorageItem:
    """A key with its value in a player's storage.

    Attributes:
        key: The key.
        value: The value; always text, whatever it holds.
        is_public: Whether other players can read it.
    """

    key: str
    value: str
    is_public: Soft[bool] = soft(default=False)


@model
class PlayerStorageItems:
    """A player with stored keys and values.

    Attributes:
        player_id: The player's integer id.
        items: The player's keys and values.
    """

    player_id: int
    items: Seq[PlayerStorageItem]


@model
class PlayerStorageItemsList:
    """Stored keys and values, player by player.

    Attributes:
        items: One entry for each player; each has an `items` list of its own.
    """

    items: Seq[PlayerStorageItems]


@model
class PlayerPublicStorage:
    """A player with the public part of its storage.

    Attributes:
        player_id: The player's integer id.
        storage: The public keys and values.
    """

    player_id: int
    storage: Seq[PlayerStorageItem]


@model
class PlayerPublicStorageList:
    """Public storage, player by player.

    Attributes:
        storages: One entry for each player.
    """

    storages: Seq[PlayerPublicStorage]


@model
class PlayerStorageSetItem:
    """A key to write.

    Attributes:
        key: The key, not empty.
        value: The new value, as text.
        is_public: Whether other players can read it.
        order: Orders entries of the same key; any numbers do, as long as later entries have higher ones.
    """

    key: NonEmpty
    value: str
    is_public: bool | None = None
    order: Int64 | None = None


@model
class PlayerStorageSetEntry:
    """The keys to write for one player.

    Attributes:
        player_id: The player's integer id.
        sets: What to write, at least one key; keys not named here stay as they are.
    """

    player_id: Int64
    sets: Annotated[tuple[PlayerStorageSetItem, ...], msgspec.Meta(min_length=1)]


@model
class PlayerStorageSetRequest:
    """Keys and values to write, player by player.

    Attributes:
        payload: One entry for each player: at least one.
    """

    payload: Annotated[tuple[PlayerStorageSetEntry, ...], msgspec.Meta(min_length=1)]


@model
class PlayerStorageLookupRequest:
    """Whose public storage to read, and which keys of it.

    Attributes:
        player_ids: Integer player ids: at least one.
        keys: The keys to read; an empty list reads every public key.
    """

    player_ids: Annotated[tuple[Int64, ...], msgspec.Meta(min_length=1)]
    keys: tuple[str, ...] | None = None
