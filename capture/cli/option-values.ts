import { OtError } from "../base/errors.ts";

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const isoTime =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/u;

/** Unix milliseconds of `2h`, `7d` or an ISO time; without a zone it is local. Throws `usage`. */
export function parseSince(text: string, nowMs: number, option = "since"): number {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/u.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (unitMs[unit] ?? 0);
  const { day, clock = "00:00", zone = "" } = isoTime.exec(text)?.groups ?? {};
  const atMs = day === undefined ? Number.NaN : Date.parse(`${day}T${clock}${zone}`);
  // `Date` takes 31 February for 3 March; a person who types it made a mistake.
  const isDay = Number(day?.slice(8)) <= daysIn(day);
  if (Number.isFinite(atMs) && isDay) return atMs;
  throw new OtError("usage", `--${option} does not understand "${text}".`, {
    hint: "It takes 2h, 7d, or a time such as 2026-11-24 or 2026-11-24T15:42Z.",
  });
}

function daysIn(day = ""): number {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
}

/** A count of 1 or more. Throws `usage`. */
export function parseLimit(text: string): number {
  const count = /^\d{1,9}$/u.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw new OtError("usage", `--limit takes a whole number from 1, not "${text}".`);
}

/** `A,B`: 1-based lines, both included; `A` alone is that one line. Throws `usage`. */
export function parseLines(text: string): readonly [number, number] {
  const [, from, to = from] = /^(\d{1,9})(?:,(\d{1,9}))?$/u.exec(text) ?? [];
  const range = [Number(from), Number(to)] as const;
  if (from !== undefined && range[0] >= 1 && range[1] >= range[0]) return range;
  throw new OtError("usage", `--lines does not understand "${text}".`, {
    hint: "It takes the first and the last line, counted from 1: --lines 10,20.",
  });
}

export interface FileLine {
  readonly file: string;
  readonly line: number;
}

/** `<file>:<line>`, split at the last colon, so that paths may hold colons. Throws `usage`. */
export function parseFileLine(text: string): FileLine {
  const colon = text.lastIndexOf(":");
  const file = text.slice(0, Math.max(0, colon));
  const number = text.slice(colon + 1);
  const hint = "Write it as <file>:<line>, lines counted from 1: ot why src/cart.js:12";
  if (file === "" || !/^\d{1,9}$/u.test(number)) {
    throw new OtError("usage", `"${text}" does not name a line.`, { hint });
  }
  if (Number(number) === 0) throw new OtError("usage", "There is no line 0.", { hint });
  return { file, line: Number(number) };
}
