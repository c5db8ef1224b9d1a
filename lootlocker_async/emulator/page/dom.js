// Building the page, and how things are written on it. Text goes in as text and nothing else: names of players and
// boards are other people's words.

const PROPERTIES = new Set(["className", "value", "checked", "disabled", "hidden", "tabIndex", "htmlFor"]);

/** Makes an element: `h("a", { href: "#/players", onclick }, "Players", child)`. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "vars") for (const [name, number] of Object.entries(value)) element.style.setProperty(name, number);
    else if (PROPERTIES.has(key)) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** The element with an id. */
export const byId = (id) => document.getElementById(id);

/** Puts children in place of others; what had the focus has it again, if it is still there by its `data-key`. */
export function replace(container, ...children) {
  const active = container.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset.key;
  container.replaceChildren(...children.flat(3).filter(Boolean));
  if (key) [...container.querySelectorAll("[data-key]")].find((it) => it.dataset.key === key)?.focus({ preventScroll: true });
}

/** Replaces the children unless the others look the same: a click that is under way would be lost with its element. */
export function update(container, ...children) {
  const others = children.flat(3).filter(Boolean);
  const isSame = others.length === container.childNodes.length && others.every((it, at) => it.isEqualNode(container.childNodes[at]));
  if (!isSame) replace(container, others);
}

let vanishing;

/** Says something in passing. */
export function tell(text, isError = false) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.classList.toggle("bad", isError);
  toast.classList.add("shown");
  clearTimeout(vanishing);
  vanishing = setTimeout(() => toast.classList.remove("shown"), isError ? 6000 : 2500);
}

/** A function that runs once its calls have paused for some milliseconds. */
export function settled(milliseconds, action) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}

/** A switch with its label. */
export function toggle(label, isOn, onchange, more = {}) {
  return h("button", { type: "button", role: "switch", "aria-checked": String(isOn), className: "switch", ...more,
    onclick: (event) => onchange(event.currentTarget.getAttribute("aria-checked") !== "true") },
    h("span", { className: "switch-label" }, label),
    h("span", { className: "switch-track", "aria-hidden": "true" }, h("span", { className: "switch-knob" })));
}

// ----------------------------------------------------------------------------------------------------
// Numbers and times as people read them. Numbers come as text, so that none is rounded on its way.

/** A number with separators: "1234567.50" becomes "1,234,567.50". */
export function grouped(text) {
  const [whole, fraction] = String(text).split(".");
  const separated = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** The time of day of a moment, in UTC. */
export const timeOfDay = (moment) => new Date(moment).toISOString().slice(11, 19);

/** A moment in UTC, to the second. */
export const wholeMoment = (moment) => new Date(moment).toISOString().slice(0, 19).replace("T", " ");

/** A day. */
export const day = (moment) => moment.slice(0, 10);

/** How long something took. */
export function duration(milliseconds) {
  if (milliseconds === null) return "…";
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A number of bytes. */
export const bytes = (size) => (size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} kB`);

/** One or many of something. */
export const counted = (text, one, many = `${one}s`) => `${grouped(text)} ${String(text) === "1" ? one : many}`;

/** What the share of a score is of another one, from 0 to 1. */
export function shareOf(score, top) {
  const [part, whole] = [Math.abs(Number(score)), Math.abs(Number(top))];
  return whole ? Math.min(1, part / whole) : 0;
}

// ----------------------------------------------------------------------------------------------------
// JSON in colours.

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
const LONGEST = 40_000; // Beyond it colours cost more than they tell.

/** A text as nodes, with its keys, texts, numbers and words told apart. */
export function coloured(text) {
  if (text.length > LONGEST || !/^\s*[{["\d-]/.test(text)) return [text];
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    nodes.push(text.slice(end, found.index));
    const [whole, string, colon, number] = found;
    const kind = string ? (colon ? "key" : "text") : number ? "number" : "word";
    nodes.push(h("span", { className: `json-${kind}` }, string ?? whole));
    if (colon) nodes.push(colon);
    end = found.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
