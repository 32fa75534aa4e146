import * as os from "node:os";
import * as path from "node:path";

import type { Op } from "../base/op.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";

/** The settings of the user's that decide how a file's bytes become a blob. */
export interface ContentSettings {
  readonly fileMode: boolean;
  readonly symlinks: boolean;
  /** `core.autocrlf` is `true` or `input`. */
  readonly convertsLineEnds: boolean;
  /** The user's global attributes file. */
  readonly attributesFile: string;
}

export async function readSettings(op: Op, repository: Repository): Promise<ContentSettings> {
  const { exitCode, stdout } = await git(op, {
    ...placeOf(repository),
    args: [
      "config",
      "--null",
      "--get-regexp",
      String.raw`^core\.(filemode|symlinks|autocrlf|attributesfile)$`,
    ],
    okExitCodes: [0, 1],
  });
  const values = new Map<string, string>();
  for (const entry of exitCode === 0 ? stdout.toString("utf8").split("\0") : []) {
    const newline = entry.indexOf("\n");
    // A key without a value is true.
    if (newline < 0) values.set(entry, "true");
    else values.set(entry.slice(0, newline), entry.slice(newline + 1));
  }
  const autocrlf = (values.get("core.autocrlf") ?? "false").toLowerCase();
  return {
    fileMode: isTrue(values.get("core.filemode"), true),
    symlinks: isTrue(values.get("core.symlinks"), true),
    convertsLineEnds: autocrlf === "input" || isTrue(autocrlf, false),
    attributesFile: expandHome(
      values.get("core.attributesfile") ?? path.join(configFolder(), "git", "attributes"),
    ),
  };
}

function isTrue(value: string | undefined, unset: boolean): boolean {
  if (value === undefined) return unset;
  return !["false", "no", "off", "0", ""].includes(value.toLowerCase());
}

function expandHome(file: string): string {
  return file.startsWith("~/") ? path.join(os.homedir(), file.slice(2)) : file;
}

function configFolder(): string {
  return process.env["XDG_CONFIG_HOME"] ?? path.join(os.homedir(), ".config");
}

/** Files whose change may change the settings. Files they include are not watched. */
export function settingsFiles(repository: Repository): readonly string[] {
  return [
    path.join(repository.commonDir, "config"),
    path.join(repository.gitDir, "config.worktree"),
    path.join(os.homedir(), ".gitconfig"),
    path.join(configFolder(), "git", "config"),
    "/etc/gitconfig",
  ];
}

/** Attribute files that hold for every path of the work tree. */
export function sharedAttributeFiles(
  repository: Repository,
  settings: ContentSettings,
): readonly string[] {
  return [
    path.join(repository.commonDir, "info", "attributes"),
    settings.attributesFile,
    "/etc/gitattributes",
  ];
}
