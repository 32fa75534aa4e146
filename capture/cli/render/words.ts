import type { PatchState } from "../../model/trail.ts";
import type { Tokens } from "../../model/trace.ts";

/** `980 B`, `12.3 kB`, `4.5 MB`. */
export function sizeWords(bytes: number): string {
  return scaled(bytes, [" B", " kB", " MB", " GB"]);
}

/** `980`, `12.3k`, `4.5M`. */
export function shortCount(count: number): string {
  return scaled(count, ["", "k", "M", "G"]);
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let at = 0;
  while (rest >= 1000 && at < units.length - 1) {
    rest /= 1000;
    at += 1;
  }
  const digits = at === 0 || rest >= 100 ? 0 : 1;
  return `${rest.toFixed(digits).replace(/\.0$/u, "")}${units[at] ?? ""}`;
}

export function tokenWords(tokens: Tokens): string {
  const input = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  return `${shortCount(input)} tokens in, ${shortCount(tokens.output)} out`;
}

/** `120 ms`, `4.2 s`, `3 min`. */
export function durationWords(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const minutes = Math.round(durationMs / 60_000);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** The sign and the word of a state: never by colour alone. */
export const stateWords: Readonly<Record<PatchState, string>> = {
  alive: "● alive",
  transformed: "◐ partly changed since",
  reverted: "↩ reverted",
  lost: "× lost",
  pending: "○ not committed yet",
  unknown: "? fate unknown",
};

/** First letters of a session's native id that a person can type, the agent's name left out. */
export function shortTrace(trace: string): string {
  const native = trace.slice(trace.indexOf(":") + 1);
  // Ids of version 7 begin with the time; eight letters of it are the same for a minute.
  const isTimed = /^[0-9a-f]{8}-[0-9a-f]{4}-7/u.test(native);
  return native.slice(0, isTimed ? 13 : 8).replace(/-$/u, "");
}

/** `3f2a9c1b:4`, or `3f2a9c1b/agent:4` for a sub-agent's step. */
export function shortAddress(trace: string, step: number | string): string {
  if (typeof step === "number") return `${shortTrace(trace)}:${step}`;
  return `${shortTrace(trace)}/${step}`;
}

/** `+1 −2`; nothing where nothing changed. */
export function changeWords({ added, deleted }: { added: number; deleted: number }): string {
  const parts = [added > 0 ? `+${added}` : "", deleted > 0 ? `−${deleted}` : ""];
  return parts.filter((part) => part !== "").join(" ");
}
