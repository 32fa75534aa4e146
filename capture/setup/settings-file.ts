import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rm, rmdir } from "node:fs/promises";
import * as path from "node:path";

import { atomicWrite, systemFault } from "../base/atomic-write.ts";
import { isErrno, OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import {
  checkSettings,
  type HookEntry,
  insertEntries,
  isObject,
  withoutMark,
} from "./hook-entries.ts";
import { type IsOurs, removeEntries } from "./hook-removal.ts";
import type { Change } from "./change.ts";

/** One agent's settings file, and which of its hooks are ours. */
export interface SettingsTarget {
  readonly home: Home;
  readonly file: string;
  readonly entries: readonly HookEntry[];
  readonly isOurs: IsOurs;
}

/** What was put into a settings file; kept in our home, so that it can be taken out exactly. */
interface Receipt {
  readonly schema: "opentraces.receipt.v1";
  readonly file: string;
  /** What stood there in place of an object: null for no file, blank text, or false for neither. */
  readonly blank: string | null | false;
  readonly folderExisted: boolean;
  readonly pieces: readonly string[];
}

/** A change of the file that is worked out and not made yet. */
interface Plan {
  readonly before: string | null;
  /** Null: the file goes. */
  readonly after: string | null;
  readonly receipt: Receipt | null;
}

const triesMax = 5;

/** Merges our hooks in, behind the user's own. Throws `failed` for a file that is not valid. */
export function installHooks(
  target: SettingsTarget,
  options: { dryRun: boolean },
): Promise<Change> {
  const count = target.entries.length;
  return carryOut(target, planInstall, { ...options, what: `${count} hooks that call opentraces` });
}

/** Takes our hooks out and leaves everything else as it is. */
export function removeHooks(target: SettingsTarget, options: { dryRun: boolean }): Promise<Change> {
  return carryOut(target, planRemoval, { ...options, what: "without the hooks of opentraces" });
}

/** Whether every one of our hooks is in the file as this version wants it. */
export async function hooksInstalled(target: SettingsTarget): Promise<boolean> {
  const text = await readText(target.file);
  if (text === null) return false;
  const plan = planInstall(target, text, await readReceipt(target));
  return plan.after === plan.before;
}

async function carryOut(
  target: SettingsTarget,
  plan: (target: SettingsTarget, before: string | null, receipt: Receipt | null) => Plan,
  options: { dryRun: boolean; what: string },
): Promise<Change> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const before = await readText(target.file);
    const made = plan(target, before, await readReceipt(target));
    const change = changeOf(target.file, made, options.what);
    if (options.dryRun) return change;
    if (change.action === "keep") {
      await writeReceipt(target, made.receipt);
      return change;
    }
    // First the receipt: after a crash, pieces that were never put in are simply not found.
    if (made.receipt !== null) await writeReceipt(target, made.receipt);
    // The agent writes this file too; whoever was faster, the work starts anew.
    if ((await readText(target.file)) !== before) continue;
    await apply(target, made);
    if (made.receipt === null) await writeReceipt(target, null);
    return change;
  }
  throw new OtError("busy", `${target.file} kept changing while it was edited.`, {
    hint: "Close the agent's settings dialog and try again.",
  });
}

function planInstall(target: SettingsTarget, before: string | null, old: Receipt | null): Plan {
  const text = before ?? "";
  const isBlank = withoutMark(text).trim() === "";
  const clean = isBlank ? "{}\n" : without(target, text, old);
  const { text: after, pieces } = insertEntries(clean, target.entries);
  const receipt: Receipt = {
    schema: "opentraces.receipt.v1",
    file: target.file,
    blank: isBlank ? before : old === null ? false : old.blank,
    folderExisted: old?.folderExisted ?? true,
    pieces,
  };
  return { before, after, receipt };
}

function planRemoval(target: SettingsTarget, before: string | null, old: Receipt | null): Plan {
  if (before === null) return { before, after: null, receipt: null };
  const rest = without(target, before, old);
  const blank = old === null ? false : old.blank;
  const isOursAlone = blank !== false && rest !== before && isEmptyObject(rest);
  return { before, after: isOursAlone ? blank : rest, receipt: null };
}

function without(target: SettingsTarget, text: string, receipt: Receipt | null): string {
  if (withoutMark(text).trim() === "") return text;
  checkSettings(text, target.file);
  return removeEntries(text, target.isOurs, receipt?.pieces ?? []);
}

function isEmptyObject(text: string): boolean {
  const value: unknown = JSON.parse(withoutMark(text));
  return isObject(value) && Object.keys(value).length === 0;
}

function changeOf(file: string, plan: Plan, what: string): Change {
  if (plan.before === plan.after) return { path: file, action: "keep", what: "as it should be" };
  if (plan.after === null) return { path: file, action: "remove", what: "it held nothing else" };
  return { path: file, action: plan.before === null ? "create" : "modify", what };
}

async function apply(target: SettingsTarget, plan: Plan): Promise<void> {
  const folder = path.dirname(target.file);
  try {
    if (plan.after === null) {
      await rm(await realpath(target.file), { force: true });
      const receipt = await readReceipt(target);
      if (receipt?.folderExisted === false) await rmdir(folder).catch(() => undefined);
      return;
    }
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined && plan.receipt !== null) {
      await writeReceipt(target, { ...plan.receipt, folderExisted: false });
    }
  } catch (error) {
    throw unwritable(target.file, error);
  }
  await atomicWrite(target.file, plan.after).catch((error: unknown) => {
    throw unwritable(target.file, error);
  });
}

function unwritable(file: string, error: unknown): unknown {
  const isDenied = error instanceof OtError && error.code === "home-read-only";
  if (!isDenied && !isErrno(error, "EROFS", "EACCES", "EPERM")) return systemFault(error, file);
  return new OtError("failed", `${file} cannot be written.`, {
    hint: "Check its permissions and those of its folder. Importing sessions works without hooks.",
    cause: error,
  });
}

/** The file's text; null if there is none. Bytes that are no UTF-8 would not survive an edit. */
async function readText(file: string): Promise<string | null> {
  let bytes;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw new OtError("failed", `${file} cannot be read.`, {
      hint: "Check its permissions.",
      cause: error,
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OtError("failed", `${file} is not valid UTF-8.`, {
      hint: "Save it as UTF-8; nothing in it was touched.",
      cause,
    });
  }
}

function receiptFile(target: SettingsTarget): string {
  const name = createHash("sha256").update(target.file).digest("hex").slice(0, 16);
  return path.join(target.home.root, "setup", `${name}.json`);
}

async function readReceipt(target: SettingsTarget): Promise<Receipt | null> {
  try {
    // Safe: only this file writes receipts; one that does not fit is as good as none.
    const receipt = JSON.parse(await readFile(receiptFile(target), "utf8")) as Receipt;
    return receipt.schema === "opentraces.receipt.v1" && Array.isArray(receipt.pieces)
      ? receipt
      : null;
  } catch {
    return null;
  }
}

async function writeReceipt(target: SettingsTarget, receipt: Receipt | null): Promise<void> {
  const file = receiptFile(target);
  try {
    if (receipt === null) return await rm(file, { force: true });
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await atomicWrite(file, `${JSON.stringify(receipt, null, 2)}\n`);
  } catch (error) {
    throw systemFault(error, file);
  }
}
