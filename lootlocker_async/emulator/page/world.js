// The world: which section is looked at, its search and its pages, and when it is asked for again.

import { asked, get, post } from "./api.js";
import { byId, grouped, h, replace, settled, tell } from "./dom.js";
import { boards, inventories, nothing, oneBoard, onePlayer, oneProgression, players, progressions, wallets } from "./sections.js";

const EACH = 1000; // The world is asked for at most once in so many milliseconds.

// By the first step of the address: the name, the view of all, and the view of one.
const SECTIONS = {
  leaderboards: ["Leaderboards", boards, oneBoard],
  players: ["Players", players, onePlayer],
  inventories: ["Inventories", inventories],
  wallets: ["Wallets", wallets],
  progressions: ["Progressions", progressions, oneProgression],
};

let view = null; // What is looked at.
let revision = null; // The world's revision that is shown.
let wanted = null; // The latest one that there is.
let timer;
let loads = 0; // The latest load is the one that counts.
let lastLoad = 0;
let counts = {};

/** Shows the section that the address names, now and whenever that changes. */
export function startWorld() {
  addEventListener("hashchange", () => go(true));
  go(false);
}

/** Takes in which revision of the world there is. */
export function takeRevision(latest) {
  wanted = latest;
  if (wanted !== revision) soon();
}

/** Asks for everything again, now. */
function reload() {
  soon(true);
}

function soon(isNow = false) {
  if (view === null) return;
  clearTimeout(timer);
  timer = setTimeout(load, isNow ? 0 : Math.max(0, lastLoad + EACH - performance.now()));
}

function go(isMove) {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const section = Object.hasOwn(SECTIONS, name) ? name : "leaderboards";
  const [title, all, one] = SECTIONS[section];
  const key = one && rest.length ? rest.join("/") : null;
  const made = key === null ? all() : one(key);
  view = { section, title, made, search: "", pages: [""], body: h("div", { className: "world-body" }), pager: h("nav", { className: "pager", "aria-label": "Pages" }) };
  showPane("world");
  showSections();
  replace(byId("world"), made.head(title), made.search && searchField(), view.body, view.pager);
  view.body.replaceChildren(h("p", { className: "loading" }, "Loading…"));
  if (isMove) byId("world-title").focus({ preventScroll: true });
  byId("world").scrollTop = 0;
  reload();
}

function searchField() {
  const mine = view;
  const look = settled(250, (text) => {
    Object.assign(mine, { search: text, pages: [""] });
    reload();
  });
  return h("div", { className: "search" }, h("label", { className: "hidden", htmlFor: "world-search" }, view.made.search),
    h("input", { id: "world-search", type: "search", placeholder: view.made.search, autocomplete: "off", spellcheck: "false",
      oninput: (event) => look(event.target.value.trim()) }));
}

async function load() {
  const mine = view;
  const number = ++loads;
  lastLoad = performance.now();
  let answer;
  try {
    const look = { search: mine.search, after: mine.pages.at(-1) };
    [answer, counts] = await Promise.all([get(asked(mine.made.path, look)), get("/view")]);
  } catch (error) {
    if (error.status === undefined) throw error;
    if (number !== loads) return;
    const isUnknown = error.status === 404 && mine.search;
    replace(mine.body, nothing(isUnknown ? `Nobody called “${mine.search}” is here.` : error.message));
    mine.pager.replaceChildren();
    return;
  }
  if (number !== loads) return;
  revision = counts.revision;
  show(answer);
  if (wanted > revision) soon();
}

function show(answer) {
  showSections();
  const isEmpty = answer.items?.length === 0 && view.pages.length === 1;
  if (isEmpty && view.search === "" && view.made.empty) replace(view.body, view.made.empty(invite));
  else if (isEmpty && view.search !== "" && answer.next === null) replace(view.body, nothing(`Nothing here is like “${view.search}”.`));
  else replace(view.body, view.made.body(answer));
  const isDeep = view.pages.length > 1;
  const next = answer.next ?? null;
  replace(view.pager, isDeep || next !== null ? [
    h("button", { type: "button", disabled: !isDeep, "data-key": "first", onclick: () => turn([""]) }, "First"),
    h("button", { type: "button", disabled: !isDeep, "data-key": "previous", onclick: () => turn(view.pages.slice(0, -1)) }, "Previous"),
    h("span", { className: "dim" }, `Page ${grouped(view.pages.length)}`),
    h("button", { type: "button", disabled: next === null, "data-key": "next", onclick: () => turn([...view.pages, next]) },
      view.search && !answer.items.length ? "Search on" : "Next"),
  ] : []);
}

function turn(pages) {
  view.pages = pages;
  byId("world").scrollTop = 0;
  reload();
}

function showSections() {
  replace(byId("sections"), Object.entries(SECTIONS).map(([name, [title]]) => h("li", {},
    h("a", { href: `#/${name}`, "data-key": `section-${name}`, "aria-current": view?.section === name ? "page" : undefined },
      h("span", {}, title), counts[name] !== undefined && h("span", { className: "number" }, grouped(counts[name]))))));
}

/** What an empty world offers. */
function invite() {
  if (counts.players || counts.leaderboards) return null;
  return h("button", { type: "button", className: "primary", onclick: async (event) => {
    event.currentTarget.disabled = true;
    try {
      await post("/world/generate", { players: 100, scores: 2000 });
      tell("A game was made up");
    } catch (error) {
      tell(error.message, true);
    }
    reload();
  } }, "Make a game up");
}

// ----------------------------------------------------------------------------------------------------
// On narrow screens one pane stands at a time.

/** Shows a pane. */
export function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const tab of byId("tabs").children) tab.setAttribute("aria-pressed", String(tab.dataset.pane === pane));
}

/** Lets the tabs choose. */
export function startPanes() {
  byId("tabs").addEventListener("click", (event) => {
    const pane = event.target.closest("button")?.dataset.pane;
    if (pane) showPane(pane);
  });
}
