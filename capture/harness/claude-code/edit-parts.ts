import * as z from "zod";
import type { WrittenPart } from "../../model/trail.ts";
import type { RecordedHunk } from "./apply-patch.ts";
import { Hunks, Replacement, replacementsOf } from "./edits.ts";

/** The arguments of an edit, and the hunks that the client recorded of it. */
const Arguments = z.object({
  old_string: z.string().nullish().catch(undefined),
  new_string: z.string().nullish().catch(undefined),
  replace_all: z.boolean().optional().catch(undefined),
  edits: z.array(Replacement).optional().catch(undefined),
});
const Outcome = z.object({ structuredPatch: Hunks });

/** What an edit put into its file, for one whose whole content is not known. */
export function editParts(input: unknown, outcome: unknown): readonly WrittenPart[] {
  const recorded = Outcome.safeParse(outcome);
  const hunks = recorded.success ? (recorded.data.structuredPatch ?? []) : [];
  // The client shows tabs as spaces; what it shows otherwise is what stands there.
  if (hunks.length > 0) return hunks.map(partOfHunk);
  const given = Arguments.safeParse(input);
  if (!given.success) return [];
  const { old_string: oldString, new_string: newString, replace_all, edits } = given.data;
  const isAll = replace_all === true;
  return replacementsOf({ oldString, newString, replaceAll: isAll, edits }).map((one) => ({
    before: one.oldString,
    after: one.newString,
    how: one.isAll ? "all" : "once",
  }));
}

function partOfHunk({ lines }: RecordedHunk): WrittenPart {
  const side = (mark: string): string =>
    lines
      .filter((line) => line.startsWith(mark) || line.startsWith(" ") || line === "")
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  return { before: side("-"), after: side("+"), how: "once" };
}
