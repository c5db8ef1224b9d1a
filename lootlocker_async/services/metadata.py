"""Metadata on leaderboards, players, assets and other things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from lootlocker_async import routes
from lootlocker_async.core import batches
from lootlocker_async.core.caller import Service
from lootlocker_async.core.pagination import PageOptions, Paginator
from lootlocker_async.errors import InvalidRequestError
from lootlocker_async.models.metadata import (
    MetadataAction,
    MetadataActionName,
    MetadataActionsRequest,
    MetadataActionsResult,
    MetadataEntry,
    MetadataMultisourceRequest,
    MetadataPage,
    MetadataSource,
    MetadataSourceEntriesList,
    MetadataSourceKeys,
)

__all__ = ["MetadataService"]

_REPEATABLE = routes.METADATA_APPLY_ACTIONS._replace(idempotent=True)
_SAFE = frozenset({MetadataActionName.UPSERT, MetadataActionName.DELETE})


class MetadataService(Service):
    """Metadata: typed values under keys of the game's own, on leaderboards, players, assets and other things."""

    async def apply_actions(
        self,
        *,
        source: MetadataSource | str,
        source_id: str,
        entries: Sequence[MetadataAction | Mapping[str, Any]],
    ) -> MetadataActionsResult:
        """Create, update, upsert or delete metadata entries of one source, in the order given.

        Actions that fail don't fail the call: look at the answer's `errors`, or call its `raise_for_errors`.

        Args:
            source: The kind of thing that the entries hang on, such as `leaderboard` or `player`.
            source_id: The id of that thing, not empty.
            entries: The actions: at least one. All but a delete need a type and a value of that type.

        Returns:
            What became of the actions: those that failed, each with its reason; all others were done.

        Raises:
            InvalidRequestError: An argument doesn't fit, or a value isn't of its type; nothing was sent.
            NotFoundError: There is no such source.
            OutcomeUnknownError: It was sent, and whether it was executed is not known.
            CallError: The call failed otherwise.

        Retried: only where it certainly was not executed, because a repeated create is refused inside the answer as a
        duplicate key. Where all actions are upserts and deletes: yes. A repeat leaves the same entries, but `errors`
        may then name a delete that an earlier sending had done.

        POST /metadata/
        """
        return await self._caller.call(
            _REPEATABLE if _is_repeatable(entries) else routes.METADATA_APPLY_ACTIONS,
            (),
            MetadataActionsResult,
            fields={"source": source, "source_id": source_id, "entries": entries},
            request=MetadataActionsRequest,
        )

    def list(
        self,
        source: MetadataSource | str,
        source_id: str,
        *,
        key: str | None = None,
        tags: Sequence[str] | None = None,
        ignore_files: bool | None = None,
        **paging: Unpack[PageOptions],
    ) -> Paginator[MetadataEntry]:
        """List the metadata entries of one source.

        Args:
            source: The kind of thing that the entries hang on, such as `leaderboard` or `player`.
            source_id: The id of that thing.
            key: Return only the entry with this key, not empty; there is no other way to get a single entry.
            tags: Return only entries that have every one of these tags.
            ignore_files: Leave the content of base64 values out; no by default.
            **paging: `page_size` (from 1, 100 by default), `limit`, `resume` and `look_ahead`; see `PageOptions`.

        Returns:
            A paginator of entries.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such source (raised by the walk).
            CallError: A page could not be had (raised by the walk).

        Retried: yes, it only reads.

        GET /metadata/source/{source}/id/{source_id}
        """
        if key is not None and not (isinstance(key, str) and key):
            msg = f"key should be a text that isn't empty, not {type(key).__name__}"
            raise InvalidRequestError(msg)
        query = {
            "key": key,
            "tags": None if tags is None else batches.texts("tags", tags, shortest=0),
            "ignore_files": _only_if_true(ignore_files),
        }
        return self._caller.pages(
            routes.METADATA_LIST, (source, source_id), MetadataPage, MetadataEntry, paging=paging, query=query
        )

    async def list_multisource(
        self, *, sources: Sequence[MetadataSourceKeys | Mapping[str, Any]], ignore_files: bool | None = None
    ) -> MetadataSourceEntriesList:
        """Get named metadata entries of several sources in one call.

        Args:
            sources: The sources and the keys wanted from each: at least one. They go out whole, however many they are.
            ignore_files: Leave the content of base64 values out; no by default.

        Returns:
            The entries that were found, source by source.

        Raises:
            InvalidRequestError: An argument doesn't fit; nothing was sent.
            NotFoundError: There is no such source.
            CallError: The call failed otherwise.

        Retried: yes. It only reads; the body is the question.

        POST /metadata/multisource
        """
        return await self._caller.call(
            routes.METADATA_LIST_MULTISOURCE,
            (),
            MetadataSourceEntriesList,
            query={"ignore_files": _only_if_true(ignore_files)},
            fields={"sources": sources},
            request=MetadataMultisourceRequest,
        )


def _only_if_true(ignore_files: bool | None) -> bool | None:  # noqa: FBT001  (it is the argument's own value)
    """The flag as it is sent: left out where it is false."""
    if ignore_files is not None and not isinstance(ignore_files, bool):
        msg = f"ignore_files should be a bool, not {type(ignore_files).__name__}"
        raise InvalidRequestError(msg)
    return ignore_files or None


def _is_repeatable(entries: object) -> bool:
    """Whether all actions are safe to repeat; what isn't even a list of actions will be refused anyway."""
    if not isinstance(entries, (list, tuple)):
        return False
    return all(_name(entry) in _SAFE for entry in entries)


def _name(entry: object) -> object:
    return entry.get("action") if isinstance(entry, Mapping) else getattr(entry, "action", None)
