// The emulator's clock: it ticks here as it does there, and can be moved.

import { post } from "./api.js";
import { byId, h, replace, tell, toggle, wholeMoment } from "./dom.js";

const STEPS = [["+1 min", "minute", 60], ["+1 h", "hour", 3600], ["+1 day", "day", 86_400], ["+1 wk", "week", 604_800]];

let shown = null; // What the emulator said last, and when that was.

/** Sets the card up. */
export function startClock() {
  const input = h("input", { type: "datetime-local", id: "clock-set", step: "1" });
  byId("clock").replaceChildren(
    h("h2", { id: "clock-title" }, "Clock"),
    h("p", { className: "clock-now" }, h("time", { id: "clock-now" }, "–"), h("span", { className: "unit" }, "UTC")),
    h("div", { className: "buttons" }, STEPS.map(([label, unit, advance]) =>
      h("button", { type: "button", "aria-label": `Move the clock one ${unit} forward`, onclick: () => move({ advance }, `The clock is one ${unit} further`) }, label))),
    h("div", { id: "clock-frozen" }),
    h("details", {}, h("summary", {}, "Set the clock"), h("form", { className: "set", onsubmit: (event) => { event.preventDefault(); if (input.value) move({ set: `${input.value}Z` }, "The clock is set"); } },
      h("label", { htmlFor: "clock-set" }, "Set to (UTC)"), input, h("button", { type: "submit" }, "Set")),
    h("button", { type: "button", className: "quiet small", onclick: () => move({ set: new Date().toISOString(), frozen: false }, "The clock shows the real time") }, "Back to the real time")),
  );
  setInterval(tick, 250);
}

/** Takes in what the emulator says. */
export function takeClock({ now, frozen }) {
  const isOther = shown?.frozen !== frozen;
  shown = { at: Date.parse(now), frozen, since: performance.now() };
  if (isOther) {
    replace(byId("clock-frozen"), toggle("Stands still", frozen,
      (on) => move({ frozen: on }, on ? "The clock stands still" : "The clock runs"), { "data-key": "clock-switch" }));
  }
  tick();
}

function tick() {
  if (!shown) return;
  const moment = shown.at + (shown.frozen ? 0 : performance.now() - shown.since);
  const text = wholeMoment(moment);
  byId("clock-now").textContent = text;
  byId("total-now").textContent = text;
}

async function move(change, told) {
  try {
    takeClock(await post("/clock", change));
    tell(told);
  } catch (error) {
    tell(error.message, true);
  }
}
