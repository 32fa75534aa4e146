import { appendFileSync } from "node:fs";
import path from "node:path";

import type { Fixture } from "./fixture.d.mts";

let said = 0;

/** The person says one more thing in a recorded session that has been played. */
export function sayMore(
  { configFolder, fixture }: { readonly configFolder: string; readonly fixture: Fixture },
  words: string,
): void {
  const [transcript] = fixture.files;
  const before = transcript?.records.find(({ type }) => type === "user");
  if (transcript === undefined || before === undefined) throw new Error("Nobody said anything.");
  said += 1;
  const uuid = `99999999-aaaa-4aaa-8aaa-${String(said).padStart(12, "0")}`;
  const record = { ...before, uuid, message: { role: "user", content: words } };
  appendFileSync(path.join(configFolder, transcript.path), `${JSON.stringify(record)}\n`);
}
