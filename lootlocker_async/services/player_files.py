"""A player's files."""

from __future__ import annotations

import os
from types import NoneType
from typing import TYPE_CHECKING

from lootlocker_async import routes
from lootlocker_async.core import paths, serde
from lootlocker_async.core.bodies import UploadBroken
from lootlocker_async.core.caller import Service
from lootlocker_async.core.uploads import FileSource, Progress, Upload, prepare
from lootlocker_async.models.player_files import (
    PlayerFile,
    PlayerFileList,
    PlayerFileUpdateRequest,
    PlayerFileUploadRequest,
)

if TYPE_CHECKING:
    from lootlocker_async.core.downloads import FileStream
    from lootlocker_async.routes import Route

__all__ = ["PlayerFilesService"]


class PlayerFilesService(Service):
    """Player files: list, upload, update, delete and download them."""

    async def list(self, player_id: int | str) -> PlayerFileList:
        """List every file of a player.

        Args:
            player_id: The player's numeric id, from 1.

        Returns:
            The files, all of them.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            CallError: The call failed.

        Retried: yes, it only reads.

        GET /players/{player_id}/files
        """
        return await self._caller.call(routes.PLAYER_FILES_LIST, (player_id,), PlayerFileList)

    async def upload(
        self,
        player_id: int | str,
        *,
        file: FileSource,
        purpose: str,
        public: bool | None = None,
        name: str | None = None,
        progress: Progress | None = None,
    ) -> PlayerFile:
        """Upload a new file for a player, who can have 50 of them. It is never held whole in memory.

        The client's `timeout` is the time for all of it: `client.with_options(timeout=...)` where the way is slow.

        Args:
            player_id: The player's numeric id, from 1.
            file: The contents, at most 5 MB (5 * 1024 * 1024 bytes): bytes, a path, or an async iterable of bytes.
                What an iterable yields is sent as it comes, and one that turns out to be longer is broken off.
            purpose: A tag that says what the file is for, such as `SAVE_GAME`; not empty.
            public: Whether other players can read it; the service's own default where it isn't given.
            name: The file's name, without slashes; by default that of the path, or `file`.
            progress: A function told after each piece the bytes sent and the bytes in all (None for an iterable). It
                starts again from 0 where the file is sent again. What it raises breaks the upload off.

        Returns:
            The file as stored.

        Raises:
            InvalidRequestError: An argument doesn't fit, the path can't be read, or the file is too large: nothing was
                stored.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            PayloadTooLargeError: The service takes no file as large as this.
            CallError: The call failed otherwise.
            Exception: Whatever the iterable or `progress` raises; the upload was broken off, and nothing stored.

        Retried: only where it certainly was not executed, and an iterable only where it wasn't begun. Each call makes
        another file.

        POST /players/{player_id}/files
        """
        fields = {"file": file, "purpose": purpose, "public": public}
        request = serde.validate(fields, PlayerFileUploadRequest)
        texts = {"purpose": request.purpose}
        if request.public is not None:
            texts["public"] = "true" if request.public else "false"
        paths.compile_path(routes.PLAYER_FILES_UPLOAD, (player_id,))  # before the disk is asked
        return await self._send(routes.PLAYER_FILES_UPLOAD, (player_id,), await prepare(file, name, texts, progress))

    async def get(self, player_id: int | str, file_id: int | str) -> PlayerFile:
        """Get one file of a player: what it is, and a fresh url of its contents.

        Args:
            player_id: The player's numeric id, from 1.
            file_id: The file's id, from 1.

        Returns:
            The file.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such file.
            CallError: The call failed otherwise.

        Retried: yes, it only reads.

        GET /players/{player_id}/files/{file_id}
        """
        return await self._caller.call(routes.PLAYER_FILES_GET, (player_id, file_id), PlayerFile)

    async def update(
        self,
        player_id: int | str,
        file_id: int | str,
        *,
        file: FileSource,
        name: str | None = None,
        progress: Progress | None = None,
    ) -> PlayerFile:
        """Replace the contents of a player's file; its purpose and visibility stay.

        Args:
            player_id: The player's numeric id, from 1.
            file_id: The file's id, from 1.
            file: The new contents, at most 5 MB (5 * 1024 * 1024 bytes), as in `upload`.
            name: The name sent with them, without slashes; by default that of the path, or `file`.
            progress: A function told of the progress, as in `upload`.

        Returns:
            The file with its new revision.

        Raises:
            InvalidRequestError: An argument doesn't fit, the path can't be read, or the file is too large: nothing was
                stored.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            PayloadTooLargeError: The service takes no file as large as this.
            CallError: The call failed otherwise.
            Exception: Whatever the iterable or `progress` raises; the upload was broken off, and nothing stored.

        Retried: only where it certainly was not executed, and an iterable only where it wasn't begun. The contents end
        up the same, but each call uses one more of the five kept revisions and so drops the oldest.

        PUT /players/{player_id}/files/{file_id}
        """
        serde.validate({"file": file}, PlayerFileUpdateRequest)
        paths.compile_path(routes.PLAYER_FILES_UPDATE, (player_id, file_id))  # before the disk is asked
        return await self._send(
            routes.PLAYER_FILES_UPDATE, (player_id, file_id), await prepare(file, name, {}, progress)
        )

    async def delete(self, player_id: int | str, file_id: int | str) -> None:
        """Delete a player's file.

        Args:
            player_id: The player's numeric id, from 1.
            file_id: The file's id, from 1.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such file.
            CallError: The call failed otherwise.

        Retried: yes. A repeat finds nothing left to delete, so its 404 means that it is done.

        DELETE /players/{player_id}/files/{file_id}
        """
        await self._caller.call(routes.PLAYER_FILES_DELETE, (player_id, file_id), NoneType)

    # --------------------------------------------------------------------------------------------------- the contents
    async def download(
        self,
        file: PlayerFile | str,
        to: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        max_bytes: int | None = None,
    ) -> int:
        """Download a file's contents to a path. They lie on another host, which gets no token, key or header of ours.

        It is written to a temporary file beside the path and appears under it when it's whole; an older file there is
        replaced. How long it may take in all is not limited: it is given up when nothing comes for as long as an
        attempt may take (`attempt_timeout`).

        Args:
            file: The file, as the service told of it, or its url (https; plain http only to this machine, or with
                `allow_http`). Redirects are followed.
            to: The path; its directory has to be there.
            progress: A function told after each piece the bytes received and the bytes in all (None where the host
                doesn't say). What it raises ends the download.
            max_bytes: The most bytes to take; any number by default.

        Returns:
            How many bytes the file has.

        Raises:
            InvalidRequestError: An argument doesn't fit, or nothing can be written there; nothing was sent.
            APIError: The host answered something else, of the class for its status: a url that has expired is often a
                `PermissionDeniedError`.
            TransportError: The contents didn't come, or not all of them.
            ResponseDecodeError: There are more than `max_bytes`.
            ClientClosedError: The client was closed.
            OSError: They could not be written.

        Retried: yes, from the start, where that is before the client's `timeout` has passed; it only reads.
        """
        from lootlocker_async.core.remote import Download
        from lootlocker_async.core.saving import save

        return await save(Download(self._caller.manager, self._caller.options, file, max_bytes), to, progress)

    def stream(self, file: PlayerFile | str, *, max_bytes: int | None = None) -> FileStream:
        """Read a file's contents piece by piece, as they come: `async for piece in client.player_files.stream(file)`.

        Args:
            file: The file, as the service told of it, or its url, as in `download`.
            max_bytes: The most bytes to take; any number by default.

        Returns:
            An async iterator of bytes. It closes its connection at its end, when it is let go of, and by `aclose()`
            or at the end of an `async with`. Its pieces raise what `download` does.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.

        Retried: yes, but only until the first piece is here.
        """
        from lootlocker_async.core.downloads import FileStream
        from lootlocker_async.core.remote import Download

        return FileStream(Download(self._caller.manager, self._caller.options, file, max_bytes))

    async def _send(self, route: Route, arguments: tuple[object, ...], body: Upload) -> PlayerFile:
        try:
            return await self._caller.call(route, arguments, PlayerFile, body=body)
        except UploadBroken as broken:
            failure = broken.error
        # Out here, where it gets no other context than its own.
        raise failure
