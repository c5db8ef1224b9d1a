// The admin API, and the calls as they come. The key is in a header and nowhere else, and stays in this tab.

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

// ----------------------------------------------------------------------------------------------------
// The calls as they come, and how the emulator stands: one request waits at the emulator until there is something new.

const PAUSE = 250; // Between two answers, so that a flood of calls doesn't keep the page busy.
const WAIT = 5; // Seconds; what changes without a call is seen after so long.
const WAIT_HIDDEN = 25;
const AGAIN = 2000;

const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Follows the emulator until the key is refused.
 *
 * `onnews({ calls, state, isNew })` is told of what came (`isNew`: numbers have begun anew), `onstate` of whether the
 * emulator can be reached, `onrefused` of a key that it doesn't know.
 */
export async function follow({ onnews, onconnection, onrefused, signal }) {
  let after = 0;
  let epoch = null;
  while (!signal.aborted) {
    try {
      const wait = document.hidden ? WAIT_HIDDEN : WAIT;
      const answer = await get(asked("/calls", { after, epoch, wait }), signal);
      onconnection(true);
      const isNew = epoch !== null && answer.epoch !== epoch;
      ({ epoch, next: after } = answer);
      onnews({ calls: answer.calls, state: answer.state, isNew });
      await rest(PAUSE);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401) return onrefused(error.message);
      if (error.status === undefined) throw error;
      onconnection(false, error.message);
      await rest(AGAIN);
    }
  }
}
