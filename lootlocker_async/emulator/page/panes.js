// On narrow screens one pane stands at a time.

import { byId } from "./dom.js";

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
