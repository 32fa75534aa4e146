// The view formats times and numbers; the protocol carries milliseconds and counts.

/** `12:41`, in the reader's own locale. */
export function clockTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** `12:41:03`. */
export function clockTimeWithSeconds(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** `today`-less day for sessions of another day, e.g. `3 Nov`. */
export function day(atMs: number): string {
  return new Date(atMs).toLocaleDateString([], { day: "numeric", month: "short" });
}

/** `240 ms`, `2.1 s`, `6 min`, `2 h 5 min`, `3 d`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** `980`, `1.2k`, `41k`, `1.3M`. */
export function count(value: number): string {
  if (value < 1_000) return String(value);
  if (value < 9_950) return `${trimZero((value / 1_000).toFixed(1))}k`;
  if (value < 999_500) return `${Math.round(value / 1_000)}k`;
  return `${trimZero((value / 1_000_000).toFixed(1))}M`;
}

function trimZero(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}
