// The page's beginning: signing in, and handing what comes to those who show it.

import { follow, get, hasKey, setKey, takeKeyFromAddress } from "./api.js";
import { startClock, takeClock } from "./clock.js";
import { byId, grouped, h, tell } from "./dom.js";
import { refreshFaults, startFaults } from "./faults.js";
import { openDetail, startRequests, takeCalls } from "./requests.js";
import { startPanes, startWorld, takeRevision } from "./world.js";

// Light, dark, or as the system has it.
const KEPT = "lootlocker-emulator-theme";
const NAMES = { system: ["◐", "Auto"], light: ["☀", "Light"], dark: ["☾", "Dark"] };
const ORDER = Object.keys(NAMES);

/** Begins with the theme that was last chosen. */
function startTheme() {
  const kept = localStorage.getItem(KEPT);
  show(ORDER.includes(kept) ? kept : "system");
  byId("theme").addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(document.documentElement.dataset.theme) + 1) % ORDER.length];
    localStorage.setItem(KEPT, next);
    show(next);
  });
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
  const [sign, name] = NAMES[theme];
  byId("theme").replaceChildren(h("span", { "aria-hidden": "true" }, `${sign} `), h("span", { className: "hidden" }, "Theme: "), name);
}

// Who is signed in, and what was seen.
let following = null;
let faultsSeen = null;
let isStarted = false;

function connection(state, text) {
  byId("connection").dataset.state = state;
  byId("connection-text").textContent = text;
}

function showSignIn(told = "") {
  following?.abort();
  connection("waiting", "Not connected");
  for (const id of ["panes", "tabs", "totals", "sign-out"]) byId(id).hidden = true;
  byId("sign-in").hidden = false;
  byId("key-error").textContent = told;
  byId("key").value = "";
  byId("key").focus();
}

async function enter() {
  try {
    await get("/clock");
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status === 401) setKey(null);
    return showSignIn(error.message);
  }
  byId("sign-in").hidden = true;
  for (const id of ["panes", "tabs", "totals", "sign-out"]) byId(id).hidden = false;
  if (!isStarted) {
    isStarted = true;
    startRequests(openDetail);
    startClock();
    startFaults();
    startWorld();
  }
  following = new AbortController();
  follow({ onnews, onconnection, onrefused, signal: following.signal });
}

function onnews({ calls, state, isNew }) {
  takeCalls(calls, isNew);
  takeClock(state);
  takeRevision(state.revision);
  byId("total-received").textContent = grouped(state.received);
  byId("total-logins").textContent = grouped(state.logins);
  if (state.faults !== faultsSeen || isNew) {
    faultsSeen = state.faults;
    refreshFaults().catch((error) => tell(error.message, true));
  }
}

function onconnection(isThere, told) {
  connection(isThere ? "live" : "lost", isThere ? `Live at ${location.host}` : `${told}; trying again`);
}

function onrefused(told) {
  setKey(null);
  showSignIn(told);
}

takeKeyFromAddress();
startTheme();
startPanes();
byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(byId("key").value.trim());
  enter();
});
byId("sign-out").addEventListener("click", () => {
  setKey(null);
  showSignIn();
});
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // The backdrop.
  });
}
// A link with a key in it, opened where the page stands already.
addEventListener("hashchange", () => {
  if (!location.hash.startsWith("#key=")) return;
  takeKeyFromAddress();
  following?.abort();
  enter();
});
if (hasKey()) enter();
else showSignIn();
