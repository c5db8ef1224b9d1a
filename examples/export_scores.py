"""Write every score of a leaderboard to a JSONL file, going on where the last run was interrupted.

    python examples/export_scores.py daily scores.jsonl

The environment says where the service is and who asks: LOOTLOCKER_SERVER_KEY, and LOOTLOCKER_DOMAIN_KEY or
LOOTLOCKER_BASE_URL.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from lootlocker_async import LootLockerClient, to_dict


async def export(leaderboard_key: str, target: Path) -> int:
    """Append the entries that are not in the file yet; the checkpoint beside it says which."""
    bookmark = target.with_suffix(".checkpoint.json")
    resume = json.loads(bookmark.read_text("utf-8")) if bookmark.exists() else None
    written = 0
    async with LootLockerClient.from_env() as client:
        scores = client.leaderboards.list_scores(leaderboard_key, resume=resume, concurrency=4)
        with target.open("a" if resume else "w", encoding="utf-8") as lines:
            async for page in scores.pages():
                lines.writelines(json.dumps(to_dict(entry)) + "\n" for entry in page)
                lines.flush()
                bookmark.write_text(json.dumps(scores.checkpoint), "utf-8")
                written += len(page)
    return written


if __name__ == "__main__":
    print(asyncio.run(export(sys.argv[1], Path(sys.argv[2]))), "scores written")
