// Leaderboards, and one board with its live top list.

import { h } from "./dom.js";
import { counted, grouped, shareOf, wholeMoment } from "./format.js";
import { cell, heading, link, nothing, person, table } from "./parts.js";

const entriesOf = (board) => (board.entries_exact ? counted(board.entries, "entry", "entries") : `over ${grouped(board.entries)} entries`);

/** The view of all boards. */
export const boards = () => ({
  path: "/view/leaderboards",
  search: "Find a leaderboard by key or name",
  head: (title) => heading(title),
  empty: (invite) => nothing("There is no leaderboard yet.",
    h("p", {}, "Make one with ", h("code", {}, "client.leaderboards.create(…)"), ", load a seed, or begin with a made-up game."), invite()),
  body: ({ items }) => h("ul", { className: "cards" }, items.map(card)),
});

function card(board) {
  return h("li", { className: "card board-card" },
    h("h3", {}, link(["leaderboards", board.key], board.name || board.key, { "data-key": `board-${board.key}`, className: "cover" })),
    h("p", { className: "dim mono" }, board.key),
    h("p", { className: "board-top" }, board.top
      ? [medal("1"), h("span", { className: "board-leader" }, board.top.player_name || board.top.member_id), h("b", { className: "score" }, grouped(board.top.score))]
      : h("span", { className: "dim" }, "No scores yet")),
    h("p", { className: "tags" }, tags(board)));
}

function tags(board) {
  const texts = [entriesOf(board), board.type, board.direction_method === "ascending" ? "lowest first" : "highest first"];
  if (board.next_reset) texts.push(`resets ${wholeMoment(board.next_reset).slice(0, 16)}`);
  return texts.map((text) => h("span", { className: "tag" }, text));
}

const MEDALS = { 1: "gold", 2: "silver", 3: "bronze" };
const medal = (rank) => h("span", { className: `rank ${MEDALS[rank] ?? ""}` }, grouped(rank));

/** The view of one board. */
export function oneBoard(key) {
  let known = null; // The scores that were shown last, to show which have changed.
  const title = h("span", {}, key);
  const about = h("p", { className: "tags" });
  return {
    path: `/view/leaderboards/${encodeURIComponent(key)}`,
    search: "Go to a member by id, or by the player's name",
    head: () => [heading(title, h("span", { className: "live", title: "It changes as scores come in" }, "live")),
      h("p", { className: "back" }, link(["leaderboards"], "← All leaderboards")), about],
    body: ({ leaderboard, items }) => {
      title.textContent = leaderboard.name || leaderboard.key;
      about.replaceChildren(...tags(leaderboard));
      if (!items.length) return nothing("No scores yet.", h("p", {}, "They show up here as they are submitted."));
      const rows = items.map((entry) => row(entry, leaderboard.top, known !== null && known.get(entry.member_id) !== entry.score));
      known = new Map(items.map(({ member_id, score }) => [member_id, score]));
      return table(`Top list of ${leaderboard.name}`, [["Rank", "narrow"], "Member", ["Score", "end"]], rows);
    },
  };
}

function row(entry, top, isChanged) {
  const id = entry.player_id;
  const more = [id && h("span", { className: "dim mono" }, ` ${id}`), entry.metadata && h("span", { className: "metadata" }, entry.metadata)];
  return h("tr", { className: isChanged ? "changed" : "" },
    cell(medal(entry.rank), "narrow"),
    cell(person(id ? entry.player_name : entry.member_id, id, more)),
    h("td", { className: "end score", vars: { "--share": shareOf(entry.score, top?.score) } }, grouped(entry.score)));
}
