// What several sections show alike.

import { h } from "./dom.js";
import { grouped } from "./format.js";

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
