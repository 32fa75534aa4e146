// Local time, for people only: no time in this form ever enters JSON.

/** `2026-11-24 15:42`. */
export function localMinute(atMs: number): string {
  return `${localDay(atMs)} ${localClock(atMs)}`;
}

/** `2026-11-24`. */
export function localDay(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `15:42`. */
function localClock(atMs: number): string {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `2026-11-24 15:42 to 15:58`, with the second day where it is another one. */
export function localSpan(startMs: number, endMs: number | null): string {
  const start = localMinute(startMs);
  if (endMs === null || localMinute(endMs) === start) return start;
  const end = localDay(endMs) === localDay(startMs) ? localClock(endMs) : localMinute(endMs);
  return `${start} to ${end}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
