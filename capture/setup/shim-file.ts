import { mkdir, readFile, rm, rmdir } from "node:fs/promises";

import { atomicWrite, systemFault } from "../base/atomic-write.ts";
import type { Home } from "../base/home.ts";
import type { Change } from "./change.ts";
import { shimText } from "./shim.ts";

/** Puts the hook program where the hooks call it, or brings it up to date. */
export async function installShim(home: Home, options: { dryRun: boolean }): Promise<Change> {
  const before = await readShim(home);
  const text = shimText();
  if (before === text) return { path: home.shimFile, action: "keep", what: "as it should be" };
  const what = "the program that hooks call";
  if (!options.dryRun) {
    try {
      await mkdir(home.binDir, { recursive: true, mode: 0o700 });
      await mkdir(home.spoolDir, { recursive: true, mode: 0o700 });
      // Renamed into place: a hook that runs meanwhile has the old text or the new one.
      await atomicWrite(home.shimFile, text, { mode: 0o700 });
    } catch (error) {
      throw systemFault(error, home.shimFile);
    }
  }
  return { path: home.shimFile, action: before === null ? "create" : "modify", what };
}

export async function removeShim(home: Home, options: { dryRun: boolean }): Promise<Change | null> {
  if ((await readShim(home)) === null) return null;
  if (!options.dryRun) {
    await rm(home.shimFile, { force: true });
    await rmdir(home.binDir).catch(() => undefined);
  }
  return { path: home.shimFile, action: "remove", what: "the program that hooks call" };
}

/** Whether the shim is there in this version's text. */
export async function isShimCurrent(home: Home): Promise<boolean> {
  return (await readShim(home)) === shimText();
}

async function readShim(home: Home): Promise<string | null> {
  return readFile(home.shimFile, "utf8").catch(() => null);
}
