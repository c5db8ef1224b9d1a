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
