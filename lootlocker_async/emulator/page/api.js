// The admin API. The key is in a header and nowhere else, and stays in this tab.

const PREFIX = "/_emulator";
const KEPT = "lootlocker-emulator-key";

/** What the emulator refuses, or that it can't be reached (status 0). */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let key = sessionStorage.getItem(KEPT);

/** Takes a key; none to sign out. */
export function setKey(given) {
  key = given;
  if (given === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, given);
}

/** Whether there is a key. */
export const hasKey = () => key !== null;

/** The key that came with the address, which is taken out of it at once. */
export function takeKeyFromAddress() {
  const found = /^#key=(.+)$/.exec(location.hash);
  if (!found) return;
  setKey(decodeURIComponent(found[1]));
  history.replaceState(null, "", "/");
}

async function call(verb, path, body, signal) {
  // A header can't hold anything else, and so no key of the emulator's does.
  if (!/^[\x21-\x7e]+$/.test(key ?? "")) throw new Refused(401, "The admin key is not known");
  const headers = { "x-admin-key": key };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(PREFIX + path, {
      method: verb, headers, signal, cache: "no-store", credentials: "omit",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The emulator can't be reached");
  }
  const document = await response.json().catch(() => ({ message: `The emulator answered ${response.status}` }));
  if (!response.ok) throw new Refused(response.status, document.message);
  return document;
}

export const get = (path, signal) => call("GET", path, undefined, signal);
export const post = (path, body = {}) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

/** A path with a query, without what is empty. */
export function asked(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
