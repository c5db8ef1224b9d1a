// Switches for what goes wrong: the usual faults at a touch, any other one through a form, and the rate limit.

import { get, post, remove } from "./api.js";
import { byId, h, tell, toggle, update } from "./dom.js";
import { faultName } from "./requests.js";

// Each switch: what it says, what it asks for, and how the fault is known again.
const SWITCHES = [
  ["Slow by 300 ms", { fault: "latency", seconds: 0.3 }, (it) => it.kind === "latency" && it.seconds === 0.3],
  ["429 with Retry-After: 1", { fault: "rate_limited", retry_after: 1 }, (it) => it.kind === "rate_limited" && it.retry_after === "1"],
  ["500, not executed", { fault: "error", status: 500 }, (it) => it.kind === "status" && (it.status ?? 500) === 500 && !it.after_execute],
  ["Lost before executing", { fault: "drop_before_execute" }, (it) => it.kind === "drop_before_execute"],
  ["Lost after executing", { fault: "drop_after_execute" }, (it) => it.kind === "drop_after_execute"],
  ["Tokens expire", { fault: "expire_token" }, (it) => it.kind === "expire_token"],
];

let active = [];
let match = "*";
let kinds = null; // What faults there are: a promise of it, once somebody wants to know.
let asking = 0; // The answers to an earlier look are not shown after a later one.

/** Sets the cards up. */
export function startFaults() {
  byId("faults").replaceChildren(
    h("h2", { id: "faults-title" }, "Faults", h("span", { className: "count", id: "faults-count" })),
    h("label", { htmlFor: "fault-match" }, "For"),
    h("input", { id: "fault-match", list: "fault-matches", value: "*", spellcheck: "false", autocomplete: "off",
      "aria-describedby": "fault-match-hint", onchange: (event) => { match = event.target.value.trim() || "*"; event.target.value = match; } }),
    h("p", { className: "hint", id: "fault-match-hint" }, "* for all; an operation, a section, a verb"),
    h("datalist", { id: "fault-matches" }),
    h("div", { id: "fault-switches" }),
    h("ul", { id: "fault-list", className: "fault-list", "aria-label": "Faults that are on" }),
    h("div", { className: "buttons" },
      h("button", { type: "button", onclick: openForm }, "Another fault…"),
      h("button", { type: "button", onclick: () => act(() => remove("/faults"), "All faults are off") }, "All off"),
      h("button", { type: "button", onclick: expire }, "Expire tokens")));
  byId("limit").replaceChildren(
    h("h2", { id: "limit-title" }, "Rate limit"),
    h("div", { className: "limit-fields" },
      h("label", { htmlFor: "limit-rate" }, "Calls a second"), h("input", { id: "limit-rate", type: "number", min: "0.1", step: "any", value: "5" }),
      h("label", { htmlFor: "limit-burst" }, "At once"), h("input", { id: "limit-burst", type: "number", min: "1", step: "1", value: "1" })),
    h("div", { id: "limit-switch" }));
  show();
}

/** Asks what faults and what limit are on. */
export async function refreshFaults() {
  const mine = ++asking;
  const [{ faults }, { rate_limit: limit }] = await Promise.all([get("/faults"), get("/rate-limit"), faultKinds()]);
  if (mine !== asking) return;
  active = faults;
  show();
  showLimit(limit);
}

function faultKinds() {
  kinds ??= get("/faults/kinds").then((known) => {
    const names = ["*", "GET", "POST", "PUT", "PATCH", "DELETE", ...known.sections, ...known.operations];
    byId("fault-matches").replaceChildren(...names.map((name) => h("option", { value: name })));
    return known;
  }).catch((error) => {
    kinds = null;
    throw error;
  });
  return kinds;
}

async function openForm() {
  try {
    openFaultForm(await faultKinds(), match, add);
  } catch (error) {
    tell(error.message, true);
  }
}

function show() {
  byId("faults-count").textContent = active.length ? String(active.length) : "";
  update(byId("fault-switches"), SWITCHES.map(([label, document, is], index) => toggle(label, active.some(is),
    (wanted) => (wanted ? add({ ...document, match }) : turnOff(active.filter(is))), { "data-key": `switch-${index}` })));
  update(byId("fault-list"), active.map((fault) => h("li", {},
    h("span", {}, h("b", {}, faultName(fault.kind)), " ", described(fault)),
    h("button", { type: "button", className: "quiet small", "aria-label": `Switch off ${faultName(fault.kind)}`, "data-key": `off-${fault.id}`,
      onclick: () => turnOff([fault]) }, "Off"))));
}

function described({ id, kind, match: matches, ...rest }) {
  const more = Object.entries(rest).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
  return [matches.join(", ") === "*" ? "every call" : matches.join(", "), ...more].join(" · ");
}

async function add(document) {
  return act(() => post("/faults", document), "The fault is on");
}

async function turnOff(faults) {
  return act(() => Promise.all(faults.map(({ id }) => remove(`/faults/${id}`))), "The fault is off");
}

async function expire() {
  try {
    const { expired } = await post("/tokens/expire");
    tell(expired === 1 ? "1 token has expired" : `${expired} tokens have expired`);
  } catch (error) {
    tell(error.message, true);
  }
}

/** Does something about faults or the limit, and shows what is on then; tells whether it was done. */
async function act(action, told) {
  try {
    await action();
    await refreshFaults();
    tell(told);
    return true;
  } catch (error) {
    tell(error.message, true);
    return false;
  }
}

function showLimit(limit) {
  if (limit) {
    byId("limit-rate").value = limit.per_second;
    byId("limit-burst").value = limit.burst;
  }
  const [rate, burst] = [byId("limit-rate"), byId("limit-burst")];
  update(byId("limit-switch"), toggle("Limit calls", limit !== null, (on) => act(
    () => (on ? post("/rate-limit", { per_second: Number(rate.value), burst: Number(burst.value) }) : remove("/rate-limit")),
    on ? "Calls are limited" : "Calls are no longer limited"), { "data-key": "limit-switch" }));
}

// ----------------------------------------------------------------------------------------------------
// A form for any fault, made from the schemas that the emulator tells of its faults.

const ELSEWHERE = new Set(["match"]);
const NAMES = {
  seconds: "Seconds", most: "At most, in seconds", retry_after: "Retry-After, in seconds", retry_after_date: "Retry-After as a date, so many seconds ahead",
  after_execute: "Executed before", times: "How many calls", probability: "Probability, from 0 to 1", pieces: "Pieces", status: "Status", body: "Body",
  shape: "Shape of the tail", distribution: "Distribution", connections: "Connections", difference: "Bytes too many",
};

/** Opens the form; `add(document)` switches the fault on and tells whether that was done. */
export function openFaultForm(known, match, add) {
  const dialog = byId("fault-dialog");
  const fields = h("div", { className: "fields" });
  const about = h("p", { className: "hint", id: "fault-about" });
  const names = Object.keys(known.faults);
  const select = h("select", { id: "fault-kind", "aria-describedby": "fault-about", onchange: () => showFields() },
    names.map((name) => h("option", { value: name }, name.replaceAll("_", " "))));
  const matchInput = h("input", { id: "fault-form-match", value: match, list: "fault-matches", spellcheck: "false" });

  function showFields() {
    const schema = known.faults[select.value];
    about.textContent = (schema.description ?? "").replaceAll("`", "");
    const asked = Object.entries(schema.properties).filter(([name]) => !ELSEWHERE.has(name));
    fields.replaceChildren(...asked.flatMap(([name, property]) => field(name, property, schema.required.includes(name))));
  }

  const form = h("form", { method: "dialog", onsubmit: async (event) => {
    event.preventDefault();
    if (await add({ fault: select.value, match: matchInput.value || "*", ...valuesOf(fields) })) dialog.close();
  } },
    h("div", { className: "dialog-head" }, h("h2", { id: "fault-dialog-title" }, "Another fault"),
      h("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, "Close")),
    h("label", { htmlFor: "fault-kind" }, "What goes wrong"), select, about,
    h("label", { htmlFor: "fault-form-match" }, "For which calls"), matchInput, fields,
    h("button", { type: "submit", className: "primary" }, "Switch it on"));
  showFields();
  dialog.replaceChildren(form);
  dialog.showModal();
}

function field(name, property, isRequired) {
  const id = `fault-field-${name}`;
  const types = [property.type].flat();
  const choices = property.enum ?? property.anyOf?.find((it) => it.enum)?.enum;
  let input;
  if (choices) input = h("select", { id, "data-kind": "text" }, !isRequired && h("option", { value: "" }, "as usual"), choices.map((it) => h("option", { value: it }, it)));
  else if (types.includes("boolean")) input = h("input", { id, type: "checkbox", "data-kind": "boolean" });
  else input = h("input", { id, type: "number", "data-kind": "number", step: types.includes("integer") ? "1" : "any", required: isRequired,
    placeholder: property.default ?? "" });
  input.dataset.name = name;
  return [h("label", { htmlFor: id }, `${NAMES[name] ?? name.replaceAll("_", " ")}${isRequired ? " (required)" : ""}`), input];
}

function valuesOf(fields) {
  const values = {};
  for (const input of fields.querySelectorAll("[data-name]")) {
    if (input.type === "checkbox") {
      if (input.checked) values[input.dataset.name] = true;
    } else if (input.value !== "") {
      values[input.dataset.name] = input.dataset.kind === "number" ? Number(input.value) : input.value;
    }
  }
  return values;
}
