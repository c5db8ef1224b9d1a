// One request: what came and what was answered, side by side, and the line of Python that makes it again.

import { get } from "./api.js";
import { byId, h, tell } from "./dom.js";
import { bytes, duration, wholeMoment } from "./format.js";
import { coloured } from "./json.js";
import { marks, statusPill } from "./requests.js";

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
