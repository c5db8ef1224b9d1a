// Light, dark, or as the system has it.

import { byId, h } from "./dom.js";

const KEPT = "lootlocker-emulator-theme";
const NAMES = { system: ["◐", "Auto"], light: ["☀", "Light"], dark: ["☾", "Dark"] };
const ORDER = Object.keys(NAMES);

/** Begins with the theme that was last chosen. */
export function startTheme() {
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
