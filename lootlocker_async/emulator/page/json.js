// JSON in colours.

import { h } from "./dom.js";

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
