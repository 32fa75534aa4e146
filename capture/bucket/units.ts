import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import { type HarnessId, harnessIds } from "../model/ids.ts";
import { isSafeNativeId } from "./unit-paths.ts";

/** A unit on disk, by its place alone. */
export interface UnitPlace {
  readonly harness: HarnessId;
  readonly nativeId: string;
  readonly month: string;
  readonly dir: string;
}

/** Where the unit of a new session belongs. `atMs` is the time of its first record. */
export function newUnitPlace(
  home: Home,
  session: { readonly harness: HarnessId; readonly nativeId: string; readonly atMs: number },
): UnitPlace {
  const { harness, nativeId, atMs } = session;
  const month = new Date(atMs).toISOString().slice(0, 7);
  return { harness, nativeId, month, dir: join(home.sessionsDir, harness, month, nativeId) };
}

/** Every unit of the bucket, by harness, month and native id; nothing inside them is read. */
export async function listUnits(home: Home): Promise<UnitPlace[]> {
  const units: UnitPlace[] = [];
  for (const harness of harnessIds) {
    for (const month of await folderNames(join(home.sessionsDir, harness))) {
      if (!/^\d{4}-\d{2}$/.test(month)) continue;
      for (const nativeId of await folderNames(join(home.sessionsDir, harness, month))) {
        if (!isSafeNativeId(nativeId)) continue;
        const dir = join(home.sessionsDir, harness, month, nativeId);
        units.push({ harness, nativeId, month, dir });
      }
    }
  }
  return units;
}

/** The unit of one session, or undefined while there is none. */
export async function findUnit(
  home: Home,
  harness: HarnessId,
  nativeId: string,
): Promise<UnitPlace | undefined> {
  if (!isSafeNativeId(nativeId)) return undefined;
  for (const month of await folderNames(join(home.sessionsDir, harness))) {
    const inMonth = join(home.sessionsDir, harness, month);
    const names = await folderNames(inMonth);
    if (names.includes(nativeId)) return { harness, nativeId, month, dir: join(inMonth, nativeId) };
  }
  return undefined;
}

async function folderNames(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
