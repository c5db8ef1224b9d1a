// The sections of the world, each as what it asks for and how that is shown, and the parts that they share.

import { asked, get } from "./api.js";
import { counted, grouped, h, replace, shareOf, wholeMoment } from "./dom.js";

/** A link to a place of the page. */
export const link = (steps, text, more = {}) => h("a", { href: `#/${steps.map(encodeURIComponent).join("/")}`, ...more }, text);

/** A name with a sign of its own, so that the eye finds it again. */
export function person(name, id, more = []) {
  const shown = name || (id ? `Player ${id}` : "Nobody");
  return h("span", { className: "person" },
    h("span", { className: "avatar", "aria-hidden": "true", vars: { "--hue": hue(id ?? shown) } }, [...shown][0].toUpperCase()),
    h("span", { className: "person-name" }, id ? link(["players", id], shown, { "data-key": `player-${id}` }) : shown, more));
}

function hue(text) {
  let sum = 0;
  for (const character of String(text)) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return (sum * 137) % 360; // Ids that follow each other get colours far apart.
}

/** A table; `columns` are texts, or pairs of a text and a class. */
export function table(caption, columns, rows) {
  const heads = columns.map((column) => [column].flat());
  return h("div", { className: "table", tabindex: "0", role: "region", "aria-label": caption }, h("table", {},
    h("caption", { className: "hidden" }, caption),
    h("thead", {}, h("tr", {}, heads.map(([text, className]) => h("th", { scope: "col", className }, text)))),
    h("tbody", {}, rows)));
}

/** A cell. */
export const cell = (content, className) => h("td", { className }, content);

/** How far somebody has come, as a bar with its numbers. */
export function progressBar(state) {
  const text = state.next === null ? `${grouped(state.points)} points, all tiers reached` : `${grouped(state.points)} of ${grouped(state.next)} points`;
  return h("div", { className: "progress" },
    h("div", { className: "progress-text" }, h("span", {}, `Tier ${grouped(state.step)}`), h("span", { className: "dim" }, text)),
    h("progress", { max: "1000", value: state.share, "aria-label": `${state.name}: tier ${state.step}, ${text}` }));
}

/** What a wallet holds. */
export function balances(list) {
  if (!list.length) return h("span", { className: "dim" }, "holds nothing yet");
  return h("ul", { className: "balances" }, list.map(({ code, name, amount }) =>
    h("li", { title: name }, h("b", {}, grouped(amount)), " ", h("span", { className: "dim" }, code))));
}

/** A place where nothing is, and what would be. */
export const nothing = (title, ...more) => h("div", { className: "empty" }, h("p", { className: "empty-title" }, title), more);

/** The title of a section, with what stands beside it. */
export const heading = (title, ...more) => h("div", { className: "world-head" }, h("h2", { tabindex: "-1", id: "world-title" }, title), more);

// ----------------------------------------------------------------------------------------------------
// Leaderboards, and one board with its live top list.

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

// ----------------------------------------------------------------------------------------------------
// Players, and one player with all that belongs to it.

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

// ----------------------------------------------------------------------------------------------------
// Progressions, and how far those who are on one have come.

/** The view of all progressions. */
export const progressions = () => ({
  path: "/view/progressions",
  search: "Find a progression by key or name",
  head: (title) => heading(title),
  empty: (invite) => nothing("There are no progressions yet.", h("p", {}, "They come from a seed, or from ", h("code", {}, "emulator.world.add_progression(…)"), "."), invite()),
  body: ({ items }) => h("ul", { className: "cards" }, items.map((progression) => h("li", { className: "card board-card" },
    h("h3", {}, link(["progressions", progression.key], progression.name, { className: "cover", "data-key": `progression-${progression.key}` })),
    h("p", { className: "dim mono" }, progression.key),
    h("p", { className: "tags" }, h("span", { className: "tag" }, counted(progression.tiers, "tier")), !progression.active && h("span", { className: "tag" }, "switched off"))))),
});

/** The view of one progression. */
export function oneProgression(key) {
  const title = h("span", {}, key);
  return {
    path: `/view/progressions/${encodeURIComponent(key)}`,
    search: "Find those who are on it by the player's name",
    head: () => [heading(title, h("span", { className: "live", title: "It changes as points are added" }, "live")), h("p", { className: "back" }, link(["progressions"], "← All progressions"))],
    body: ({ progression, tiers, items }) => {
      title.textContent = progression.name;
      return [
        h("ol", { className: "tiers", "aria-label": "Tiers" }, tiers.map((tier) => h("li", {}, h("b", {}, `Tier ${tier.step}`), h("span", { className: "dim" }, grouped(tier.points))))),
        Number(progression.tiers) > tiers.length && h("p", { className: "dim" }, `The first ${tiers.length} of ${counted(progression.tiers, "tier")}.`),
        items.length ? table(`On ${progression.name}`, ["Who", "How far"], items.map((state) => h("tr", {},
          cell(person(state.player_name, state.player_id, state.owner_kind !== "player" && h("span", { className: "dim" }, ` ${state.owner_kind.replaceAll("_", " ")} ${state.owner_id}`))),
          cell(progressBar(state), "wide"))))
          : nothing("Nobody is on it yet.", h("p", {}, "Add points with ", h("code", {}, "client.player_progressions.add_points(…)"), ".")),
      ];
    },
  };
}

// ----------------------------------------------------------------------------------------------------
// Items in inventories, and wallets.

/** The view of all inventories. */
export const inventories = () => ({
  path: "/view/inventories",
  search: "Find items by their name or their player's, or player:1001",
  head: (title) => heading(title, h("span", { className: "dim" }, "the newest items first")),
  empty: (invite) => nothing("Nobody has anything yet.", h("p", {}, "Grant an item with ", h("code", {}, "client.inventories.add_asset(…)"), "."), invite()),
  body: ({ items }) => itemsTable(items, true),
});

/** Items as a table. */
export const itemsTable = (items, hasPlayers) => table("Items", ["Item", ...(hasPlayers ? ["Player"] : []), ["Instance", "narrow"], "Source", "Acquired (UTC)"], items.map((item) => h("tr", {},
  cell([h("b", {}, item.asset_name), item.is_rental && h("span", { className: "tag" }, "rented"), item.holder && h("span", { className: "tag" }, item.holder)]),
  hasPlayers && cell(person(item.player_name, item.player_id)), cell(item.instance_id, "narrow mono"),
  cell(item.source.replaceAll("_", " "), "dim"), cell(wholeMoment(item.acquired_at), "dim mono"))));

/** The view of all wallets. */
export const wallets = () => ({
  path: "/view/wallets",
  search: "Find a wallet by its id or its holder's name",
  head: (title) => heading(title),
  empty: (invite) => nothing("There are no wallets yet.", h("p", {}, "Make one with ", h("code", {}, "client.balances.create_wallet(…)"), "; a reward makes one too."), invite()),
  body: ({ items }) => table("Wallets", ["Holder", "Holds"], items.map((wallet) => h("tr", {},
    cell(wallet.holder_type === "player"
      ? person(wallet.holder_name, wallet.player_id, walletId(wallet))
      : person(`${wallet.holder_name} (character)`, null, walletId(wallet))),
    cell(balances(wallet.balances), "wide")))),
});

const walletId = (wallet) => h("span", { className: "metadata" }, wallet.id);
