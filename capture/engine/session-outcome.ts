import { existsSync } from "node:fs";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { Outcome } from "../model/answers.ts";
import { traceIdOf } from "../model/ids.ts";
import type { LocalContext } from "./local-context.ts";

/** What came of a session in the repository that it ran in; null where that is gone or none. */
export async function outcomeOfSession(
  op: Op,
  context: LocalContext,
  place: UnitPlace,
): Promise<Outcome | null> {
  const session = await readSessionFile(place.dir);
  const ran = session?.repository?.root ?? session?.cwd ?? null;
  if (ran === null || !existsSync(ran)) return null;
  try {
    const repo = await context.repo(op, ran);
    const { sessionFacts } = await import("../query/session-facts.ts");
    return (await sessionFacts(op, repo, traceIdOf(place.harness, place.nativeId))).outcome;
  } catch (error) {
    if (error instanceof OtError && error.code !== "cancelled") return null;
    throw error;
  }
}
