// A form for any fault, made from the schemas that the emulator tells of its faults.

import { byId, h } from "./dom.js";

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
