// Players, and one player with all that belongs to it.

import { asked, get } from "./api.js";
import { h, replace } from "./dom.js";
import { counted, grouped } from "./format.js";
import { itemsTable } from "./holdings.js";
import { balances, cell, heading, link, nothing, person, progressBar, table } from "./parts.js";

/** The view of all players. */
export const players = () => ({
  path: "/view/players",
  search: "Find a player by name, id, ULID or public UID",
  head: (title) => heading(title),
  empty: (invite) => nothing("There are no players yet.",
    h("p", {}, "Make one with ", h("code", {}, "client.players.create(…)"), ", load a seed, or begin with a made-up game."), invite()),
  body: ({ items }) => table("Players", ["Player", "Id", "Public UID", "Platform", ["Items", "end"]], items.map((player) => h("tr", {},
    cell(person(player.name, player.id)), cell(player.id, "mono"), cell(player.public_uid, "mono"), cell(player.platform), cell(grouped(player.items), "end")))),
});

/** The view of one player. */
export function onePlayer(id) {
  const title = h("span", {}, `Player ${id}`);
  const items = h("div", {});
  return {
    path: `/view/players/${encodeURIComponent(id)}`,
    head: () => [heading(title), h("p", { className: "back" }, link(["players"], "← All players"))],
    body: (answer) => {
      const { player } = answer;
      title.textContent = player.name || `Player ${player.id}`;
      showItems(items, player);
      return [
        h("dl", { className: "facts" }, Object.entries({ Id: player.id, "Public UID": player.public_uid, ULID: player.ulid, Platform: player.platform, "Id there": player.platform_player_id })
          .filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { className: "mono" }, value)))),
        h("div", { className: "halves" },
          part("Wallet", answer.wallet_id ? balances(answer.balances) : h("p", { className: "dim" }, "No wallet yet")),
          part("On leaderboards", answer.boards.length ? h("ul", { className: "plain" }, answer.boards.map((board) => h("li", {},
            link(["leaderboards", board.key], board.name || board.key, { "data-key": `board-${board.key}` }), h("span", { className: "dim" }, ` rank ${grouped(board.rank)}`), h("b", { className: "score" }, grouped(board.score)))))
            : h("p", { className: "dim" }, "On none"))),
        part("Progressions", answer.progressions.length ? answer.progressions.map((state) => h("div", { className: "progress-of" },
          h("h4", {}, link(["progressions", state.key], state.name, { "data-key": `progression-${state.key}` })), progressBar(state))) : h("p", { className: "dim" }, "On none")),
        answer.characters.length > 0 && part("Characters", h("p", { className: "tags" }, answer.characters.map((it) =>
          h("span", { className: "tag" }, `${it.name} · ${it.class}${it.is_default ? " · default" : ""}`)))),
        part(`Inventory: ${counted(player.items, "item")}`, items),
      ];
    },
  };
}

const part = (title, ...content) => h("section", { className: "card part" }, h("h3", {}, title), content);

async function showItems(container, player) {
  const page = await get(asked("/view/inventories", { search: `player:${player.id}`, count: 10 }));
  replace(container, page.items.length ? itemsTable(page.items, false) : h("p", { className: "dim" }, "Nothing yet"),
    page.next !== null && h("p", { className: "dim" }, `The newest ${page.items.length} are shown; the others are under Inventories, by searching for player:${player.id}.`));
}
