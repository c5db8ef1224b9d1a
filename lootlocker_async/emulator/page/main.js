// The page's beginning: signing in, and handing what comes to those who show it.

import { get, hasKey, setKey, takeKeyFromAddress } from "./api.js";
import { startClock, takeClock } from "./clock.js";
import { openDetail } from "./detail.js";
import { byId, tell } from "./dom.js";
import { refreshFaults, startFaults } from "./faults.js";
import { follow } from "./feed.js";
import { grouped } from "./format.js";
import { startPanes } from "./panes.js";
import { startRequests, takeCalls } from "./requests.js";
import { startTheme } from "./theme.js";
import { startWorld, takeRevision } from "./world.js";

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
