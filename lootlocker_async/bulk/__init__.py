"""Jobs over many ids: a call for each of them, and exports of what came back.

async for player_id, result in bulk.map(client.inventories.list_for_player, player_ids):
    ...
report = await bulk.export(client, "inventories", player_ids, "inventories.jsonl")
"""

from __future__ import annotations

from lootlocker_async.bulk.delivery import BulkCheckpoint
from lootlocker_async.bulk.exports import ExportReport, export, read_jsonl
from lootlocker_async.bulk.jobs import JOBS, Job, Key
from lootlocker_async.bulk.mapping import Results, map  # noqa: A004  (what it does)
from lootlocker_async.bulk.progress import Progress
from lootlocker_async.bulk.sinks import Sink
from lootlocker_async.bulk.sources import chunks, read_ids
from lootlocker_async.bulk.workers import Result

__all__ = [
    "JOBS",
    "BulkCheckpoint",
    "ExportReport",
    "Job",
    "Key",
    "Progress",
    "Result",
    "Results",
    "Sink",
    "chunks",
    "export",
    "map",
    "read_ids",
    "read_jsonl",
]
