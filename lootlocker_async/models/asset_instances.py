"""What is stored on the asset instances of players."""

from __future__ import annotations

from lootlocker_async.models.base import Seq, model
from lootlocker_async.models.constraints import NonEmpty


@model
class AssetInstanceStoragePair:
    """A key and its value, stored on one player's asset instance.

    Attributes:
        id: The pair's numeric id.
        key: The key.
        value: The value, text also where it holds a number.
    """

    id: int
    key: str
    value: str | None = None


@model
class AssetInstanceStorageList:
    """The pairs stored on an asset instance.

    Attributes:
        storage: All of its pairs.
    """

    storage: Seq[AssetInstanceStoragePair]


@model
class AssetInstanceStorageItem:
    """The envelope around one pair.

    Attributes:
        storage: The pair.
    """

    storage: AssetInstanceStoragePair


@model
class AssetInstanceStorageInput:
    """A key and the text to store under it.

    Attributes:
        key: The key, not empty.
        value: The text.
    """

    key: NonEmpty
    value: str


@model
class AssetInstanceStorageUpdateRequest:
    """Pairs to set by key.

    Attributes:
        storage: The pairs.
    """

    storage: tuple[AssetInstanceStorageInput, ...]
