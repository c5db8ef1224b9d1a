"""The leaderboard as a page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lootlocker_async.models import LeaderboardScore

TITLE = "The season's best"

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 30rem; color-scheme: light dark }}
  table {{ border-collapse: collapse; width: 100% }}
  td, th {{ padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #8884 }}
  .number {{ text-align: right; font-variant-numeric: tabular-nums }}
</style>
<h1>{title}</h1>
<table>
<tr><th class="number">Rank<th>Player<th class="number">Points
{rows}
</table>
</html>
"""


def board_page(best: Iterable[LeaderboardScore]) -> str:
    """The page. What players call themselves is text, whatever it looks like."""
    rows = [
        f'<tr><td class="number">{entry.rank}<td>{escape(_name(entry))}<td class="number">{entry.score:,}'
        for entry in best
    ]
    return PAGE.format(title=escape(TITLE), rows="\n".join(rows))


def _name(entry: LeaderboardScore) -> str:
    return (entry.player and entry.player.name) or f"Player {entry.member_id}"
