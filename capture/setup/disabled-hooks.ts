import { readFile } from "node:fs/promises";

import { parsedOrUndefined } from "../base/jsonl.ts";
import { claudeSettingsFile } from "./claude-code.ts";
import { isObject, withoutMark } from "./hook-entries.ts";

/** The settings file in which the user turned off every hook, ours included; null if none does. */
export async function fileDisablingHooks(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const file = claudeSettingsFile(env);
  const text = await readFile(file, "utf8").catch(() => "");
  const settings = parsedOrUndefined(withoutMark(text));
  return isObject(settings) && settings["disableAllHooks"] === true ? file : null;
}
