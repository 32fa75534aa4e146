import { readText } from "../bucket/blobs.ts";
import type { Text } from "../model/text.ts";
import type { PatchRecord, StepCandidate, WrittenPart } from "../model/trail.ts";
import { newIndexOf, oldIndexOf, splitLines } from "../trail/line-diff.ts";
import { type WrittenText, writtenText } from "../trail/written-lines.ts";
import type { PatchEntry, WrittenEntry } from "./patch-entry.ts";
import type { RepoSession } from "./repo-sessions.ts";

/** How surely a recorded path is the one that is asked about. */
export type Nearness = "same" | "near";

/** A place in the bucket where a session says that it changed a file of some name. */
export interface WritingPlace {
  readonly session: RepoSession;
  readonly entry: PatchEntry | WrittenEntry;
  /** As it is called here, where that is certain. */
  readonly path: string | null;
  /** As recorded, part by part. */
  readonly parts: readonly string[];
}

/** What a step made of many lines in the same way. */
export interface Substitution {
  readonly before: string;
  readonly after: string;
  readonly how: "all" | "pattern";
}

/** One text that a step wrote. */
export interface Writing {
  readonly step: StepCandidate;
  readonly atMs: number;
  readonly nearness: Nearness;
  readonly text: WrittenText;
  /** True where it is not known what of the text stood there before. */
  readonly isWhole: boolean;
  readonly substitution: Substitution | null;
}

/** Lines before and after a hunk that tell where it stands. */
const aroundLines = 3;

/** A writing as its place tells it, whoever asks. */
export type ReadWriting = Omit<Writing, "nearness">;

/** The texts that one place holds; none if it is not there any more, or tells no time. */
export async function readWritings(place: WritingPlace): Promise<readonly ReadWriting[]> {
  const { view } = place.session;
  const { dir } = view.place;
  const { agent } = place.entry;
  if ("isObserved" in place.entry) {
    const patch = await view.readPatch(place.entry);
    if (patch === undefined || patch.step === undefined || patch.atMs === null) return [];
    const step = { trace: view.trace, agent, index: patch.step };
    return (await textsOfPatch(dir, patch)).map((text) => ({
      step,
      atMs: patch.atMs ?? 0,
      ...text,
    }));
  }
  const record = await view.readWriting(place.entry);
  if (record === undefined || record.atMs === null) return [];
  const step = { trace: view.trace, agent, index: record.step };
  const { atMs } = record;
  const texts = await Promise.all(record.parts.map((part) => textOfPart(dir, part)));
  return texts.flatMap((text) => (text === null ? [] : { step, atMs, ...text }));
}

type ReadText = Pick<Writing, "text" | "isWhole" | "substitution">;

async function textsOfPatch(dir: string, patch: PatchRecord): Promise<readonly ReadText[]> {
  const after = await wholeText(dir, patch.after?.text ?? null);
  if (after === null) return [];
  const lines = splitLines(after);
  const isCreated = patch.before === null;
  if (isCreated || (patch.hunks.length === 0 && patch.before?.text === null)) {
    return [{ text: writtenText(null, lines), isWhole: !isCreated, substitution: null }];
  }
  const before = splitLines((await wholeText(dir, patch.before?.text ?? null)) ?? "");
  return patch.hunks.map((hunk) => {
    const first = newIndexOf(hunk);
    const from = Math.max(0, first - aroundLines);
    const near = lines.slice(from, first + hunk.newLines + aroundLines);
    const isNew = Uint8Array.from(near, (_, at) =>
      from + at >= first && from + at < first + hunk.newLines ? 1 : 0,
    );
    const removed = before.slice(oldIndexOf(hunk), oldIndexOf(hunk) + hunk.oldLines);
    return { text: { lines: near, isNew, removed }, isWhole: false, substitution: null };
  });
}

async function textOfPart(dir: string, part: WrittenPart): Promise<ReadText | null> {
  const after = await wholeText(dir, part.after);
  const before = part.before === null ? null : await wholeText(dir, part.before);
  if (after === null) return null;
  const isWhole = part.before === null;
  if (part.how === "pattern") {
    const text = { lines: [], isNew: new Uint8Array(0), removed: [] };
    return { text, isWhole, substitution: { before: before ?? "", after, how: "pattern" } };
  }
  const text = writtenText(before === null ? null : splitLines(before), splitLines(after));
  const isAll = part.how === "all" && before !== null && !before.includes("\n");
  const substitution = isAll ? ({ before, after, how: "all" } as const) : null;
  return { text, isWhole, substitution };
}

async function wholeText(dir: string, text: Text | null): Promise<string | null> {
  return text === null ? null : readText(dir, text).catch(() => null);
}
