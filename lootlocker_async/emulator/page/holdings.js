// Items in inventories, and wallets.

import { h } from "./dom.js";
import { wholeMoment } from "./format.js";
import { balances, cell, heading, nothing, person, table } from "./parts.js";

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
