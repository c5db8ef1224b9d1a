// Progressions, and how far those who are on one have come.

import { h } from "./dom.js";
import { counted, grouped } from "./format.js";
import { cell, heading, link, nothing, person, progressBar, table } from "./parts.js";

/** The view of all progressions. */
export const progressions = () => ({
  path: "/view/progressions",
  search: "Find a progression by key or name",
  head: (title) => heading(title),
  empty: (invite) => nothing("There are no progressions yet.", h("p", {}, "They come from a seed, or from ", h("code", {}, "emulator.world.add_progression(…)"), "."), invite()),
  body: ({ items }) => h("ul", { className: "cards" }, items.map((progression) => h("li", { className: "card board-card" },
    h("h3", {}, link(["progressions", progression.key], progression.name, { className: "cover", "data-key": `progression-${progression.key}` })),
    h("p", { className: "dim mono" }, progression.key),
    h("p", { className: "tags" }, h("span", { className: "tag" }, counted(progression.tiers, "tier")), !progression.active && h("span", { className: "tag" }, "switched off"))))),
});

/** The view of one progression. */
export function oneProgression(key) {
  const title = h("span", {}, key);
  return {
    path: `/view/progressions/${encodeURIComponent(key)}`,
    search: "Find those who are on it by the player's name",
    head: () => [heading(title, h("span", { className: "live", title: "It changes as points are added" }, "live")), h("p", { className: "back" }, link(["progressions"], "← All progressions"))],
    body: ({ progression, tiers, items }) => {
      title.textContent = progression.name;
      return [
        h("ol", { className: "tiers", "aria-label": "Tiers" }, tiers.map((tier) => h("li", {}, h("b", {}, `Tier ${tier.step}`), h("span", { className: "dim" }, grouped(tier.points))))),
        Number(progression.tiers) > tiers.length && h("p", { className: "dim" }, `The first ${tiers.length} of ${counted(progression.tiers, "tier")}.`),
        items.length ? table(`On ${progression.name}`, ["Who", "How far"], items.map((state) => h("tr", {},
          cell(person(state.player_name, state.player_id, state.owner_kind !== "player" && h("span", { className: "dim" }, ` ${state.owner_kind.replaceAll("_", " ")} ${state.owner_id}`))),
          cell(progressBar(state), "wide"))))
          : nothing("Nobody is on it yet.", h("p", {}, "Add points with ", h("code", {}, "client.player_progressions.add_points(…)"), ".")),
      ];
    },
  };
}
