// Building the page. Text goes in as text and nothing else: names of players and boards are other people's words.

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
