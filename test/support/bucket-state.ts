import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../capture/base/home.ts";

/** A hash of each file that is kept of all sessions; what is only a lock is left out. */
export function bucketState(home: Home): Readonly<Record<string, string>> {
  const names = readdirSync(home.bucketDir, { recursive: true, encoding: "utf8" }).toSorted();
  const files = names.filter((name) => statSync(join(home.bucketDir, name)).isFile());
  return Object.fromEntries(
    files.filter((name) => !name.endsWith(".lock")).map((name) => [name, hashOf(home, name)]),
  );
}

function hashOf(home: Home, name: string): string {
  return createHash("sha1")
    .update(readFileSync(join(home.bucketDir, name)))
    .digest("hex");
}
