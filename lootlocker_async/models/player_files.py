"""Player files: what a player's files are, and what is sent to store one."""

from __future__ import annotations

from typing import Any

from lootlocker_async.models.base import AwareDatetime, Seq, Soft, hidden, model, soft
from lootlocker_async.models.constraints import NonEmpty


@model
class PlayerFile:
    """A file that belongs to a player.

    Attributes:
        id: The file's id.
        revision_id: The ULID of this revision; the latest five are kept.
        name: The file's name.
        size: How many bytes it has.
        purpose: The tag that it was given at its upload, such as `SAVE_GAME`.
        public: Whether other players can read it.
        url: Where its contents are to be had, on another host and signed: whoever has it can read the file.
        url_expires_at: When the url stops working.
        created_at: When the file was first uploaded.
    """

    id: int
    revision_id: Soft[str] = soft(default="")
    name: Soft[str] = soft(default="")
    size: Soft[int] = soft(default=0)
    purpose: Soft[str] = soft(default="")
    public: Soft[bool] = soft(default=False)
    url: Soft[str] = soft(default="")
    url_expires_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None


@model
class PlayerFileList:
    """All files of a player.

    Attributes:
        items: The files.
    """

    items: Seq[PlayerFile]


@model
class PlayerFileUploadRequest:
    """A form with a new file.

    Attributes:
        file: The contents.
        purpose: A tag that says what the file is for.
        public: Whether other players can read it; on the wire the word `true` or `false`.
    """

    file: Any = hidden()
    purpose: NonEmpty
    public: bool | None = None


@model
class PlayerFileUpdateRequest:
    """A form with new contents for a file.

    Attributes:
        file: The contents.
    """

    file: Any = hidden()
