// The list of calls, and one of them with all there is to know.

import { get } from "./api.js";
import { byId, bytes, coloured, duration, grouped, h, replace, settled, tell, timeOfDay, wholeMoment } from "./dom.js";

const KEPT = 400; // Calls that the page remembers.
const SHOWN = 150; // Rows that stand on it.

const KINDS = {
  all: ["All", () => true],
  good: ["2xx", (call) => kindOf(call) === "good"],
  refused: ["4xx", (call) => kindOf(call) === "refused"],
  failed: ["5xx", (call) => kindOf(call) === "failed"],
  lost: ["Lost", (call) => kindOf(call) === "lost"],
  faults: ["Faults", (call) => call.fault !== null || call.rate_limited],
};

let calls = new Map();
let kind = "all";
let words = [];
let held = null; // What stays on show while it is paused.
let open = () => {};

/** What became of a call, by which it is coloured. */
export function kindOf(call) {
  if (call.status === null) return call.milliseconds === null ? "waiting" : "lost";
  if (call.status < 300) return "good";
  return call.status < 500 ? "refused" : "failed";
}

/** The status as a coloured sign that doesn't depend on its colour. */
export function statusPill(call) {
  const found = kindOf(call);
  const text = { waiting: "…", lost: "lost" }[found] ?? String(call.status);
  const title = { waiting: "Under way", lost: "No answer went out" }[found];
  return h("span", { className: `pill ${found}`, title }, title && h("span", { className: "hidden" }, title), h("span", { "aria-hidden": title ? "true" : undefined }, text));
}

/** A kind of fault in words. */
export const faultName = (kind) => (kind === "status" ? "error" : kind.replaceAll("_", " "));

/** What a call is to be warned of, as small marks. */
export function marks(call) {
  return [
    call.fault && h("span", { className: "mark fault" }, faultName(call.fault)),
    call.rate_limited && h("span", { className: "mark fault" }, "rate limit"),
    call.executed && (call.status === null || call.status >= 300) && h("span", { className: "mark executed" }, "executed all the same"),
  ];
}

/** Sets the stream up; `onopen(call)` is told of the one that somebody wants to look into. */
export function startRequests(onopen) {
  open = onopen;
  byId("requests-filter").addEventListener("input", settled(120, (event) => {
    words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    show();
  }));
  byId("requests-pause").addEventListener("click", (event) => {
    held = held === null ? new Map(calls) : null;
    event.currentTarget.setAttribute("aria-pressed", String(held !== null));
    event.currentTarget.textContent = held === null ? "Pause" : "Go on";
    show();
  });
  byId("requests-clear").addEventListener("click", () => {
    calls.clear();
    held?.clear();
    show();
  });
  show();
}

/** Takes in what came. */
export function takeCalls(news, isNew) {
  if (isNew) calls.clear();
  for (const call of news) calls.set(call.number, call);
  if (calls.size > KEPT) calls = new Map([...calls].sort(([one], [other]) => one - other).slice(-KEPT));
  if ((news.length || isNew) && held === null) show();
}

function fits(call) {
  const text = `${call.verb} ${call.path}?${call.query} ${call.operation ?? ""} ${call.status ?? "lost"} ${call.fault ?? ""}`.toLowerCase();
  return KINDS[kind][1](call) && words.every((word) => text.includes(word));
}

function show() {
  showKinds();
  const latest = [...(held ?? calls).values()].sort((one, other) => other.number - one.number);
  const found = latest.filter(fits);
  const rows = [];
  let before = null;
  for (const call of found.slice(0, SHOWN)) {
    const isGap = found.length === latest.length && before !== null && before - call.number > 1;
    if (isGap) rows.push(h("li", { className: "gap" }, `${grouped(before - call.number - 1)} more came too fast to be shown`));
    rows.push(h("li", {}, row(call)));
    before = call.number;
  }
  replace(byId("requests-list"), rows);
  byId("requests-count").textContent = found.length === latest.length ? "" : `${grouped(found.length)} of ${grouped(latest.length)}`;
  const empty = byId("requests-empty");
  empty.hidden = found.length > 0;
  empty.textContent = latest.length
    ? "No request is like that."
    : "Nothing yet. Each request shows up here the moment it comes in: point a client at this address and make a call.";
}

function showKinds() {
  replace(byId("requests-kinds"), Object.entries(KINDS).map(([name, [label, is]]) => {
    const count = [...(held ?? calls).values()].filter(is).length;
    return h("button", { type: "button", className: "chip", "data-key": `kind-${name}`, "aria-pressed": String(kind === name),
      onclick: () => { kind = name; show(); } }, label, name !== "all" && count > 0 && h("span", { className: "number" }, grouped(count)));
  }));
}

function row(call) {
  const name = call.operation ?? "no such address";
  return h("button", { type: "button", className: "request", "data-key": `call-${call.number}`, "data-number": call.number, "data-kind": kindOf(call), onclick: () => open(call) },
    statusPill(call),
    h("span", { className: "request-what" },
      h("span", { className: "request-name" }, name),
      h("span", { className: "request-path" }, h("b", { className: "verb" }, call.verb), " ", call.path, call.query && `?${call.query}`),
      h("span", { className: "marks" }, marks(call))),
    h("span", { className: "request-when" }, h("time", { datetime: call.received_at }, timeOfDay(call.received_at)), h("span", {}, duration(call.milliseconds))));
}

// ----------------------------------------------------------------------------------------------------
// One request: what came and what was answered, side by side, and the line of Python that makes it again.

/** Opens a call. */
export async function openDetail({ number }) {
  let call;
  try {
    call = await get(`/calls/${number}`);
  } catch (error) {
    return tell(error.message, true);
  }
  const dialog = byId("detail");
  dialog.replaceChildren(
    h("div", { className: "dialog-head" },
      h("div", {},
        h("h2", { id: "detail-title" }, statusPill(call), " ", call.operation ?? "No such address"),
        h("p", { className: "address" }, h("b", { className: "verb" }, call.verb), " ", call.path, call.query && `?${call.query}`)),
      h("button", { type: "button", className: "quiet", onclick: () => dialog.close(), autofocus: true }, "Close")),
    h("div", { className: "marks" }, marks(call)),
    facts(call),
    h("div", { className: "sides" },
      side("Request", call.body, bodyNote(call)),
      side("Answer", call.answer.text, answerNote(call))),
    sdk(call.sdk),
  );
  if (!dialog.open) dialog.showModal();
}

function facts(call) {
  const known = {
    "Received at": `${wholeMoment(call.received_at)} UTC`,
    "Took": duration(call.milliseconds),
    "Executed": call.executed ? "yes" : "no",
    "Retry-After": call.retry_after,
    "Request id": call.request_id,
    ...call.headers,
  };
  return h("dl", { className: "facts" }, Object.entries(known).filter(([, value]) => value).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function side(title, text, note) {
  const id = `detail-${title.toLowerCase()}`;
  return h("section", { "aria-labelledby": id },
    h("h3", { id }, title, note && h("span", { className: "note" }, note)),
    text === null ? h("p", { className: "nothing" }, "No body") : h("pre", { tabindex: "0", "aria-labelledby": id }, coloured(text)));
}

const bodyNote = (call) => (call.body_cut ? "cut: it is longer" : null);

function answerNote(call) {
  const { size, cut, forgotten, kind } = call.answer;
  if (call.status === null) return call.milliseconds === null ? "still to come" : "none went out";
  if (forgotten) return "no longer kept";
  return [size ? bytes(size) : null, cut ? "cut" : null, kind && kind !== "application/json" ? kind : null].filter(Boolean).join(", ");
}

function sdk(source) {
  const code = h("pre", { tabindex: "0", "aria-labelledby": "detail-sdk", id: "detail-code" }, source);
  return h("section", { className: "sdk" },
    h("h3", { id: "detail-sdk" }, "As a call of the SDK",
      h("button", { type: "button", className: "primary small", id: "copy-sdk", onclick: () => copy(source, code) }, "Copy as SDK call")),
    code);
}

async function copy(source, code) {
  try {
    await navigator.clipboard.writeText(source);
    tell("Copied");
  } catch {
    // The clipboard is only there on secure addresses: the text is selected instead, for the keyboard to copy.
    getSelection().selectAllChildren(code);
    tell("Selected: press Ctrl+C to copy");
  }
}
