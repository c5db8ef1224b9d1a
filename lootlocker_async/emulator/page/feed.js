// The calls as they come, and how the emulator stands: one request waits at the emulator until there is something new.

import { asked, get } from "./api.js";

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
