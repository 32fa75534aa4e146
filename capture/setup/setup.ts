import { stat } from "node:fs/promises";

import { OtError } from "../base/errors.ts";
import { lockFile } from "../base/file-lock.ts";
import type { Home } from "../base/home.ts";
import type { Op } from "../base/op.ts";
import type { SetupAnswer } from "../model/answers.ts";
import type { Change } from "./change.ts";
import { claudeEntries, claudeFolder, claudeSettingsFile, isClaudeHook } from "./claude-code.ts";
import { type Consent, consentFile, consentOf, consentRoot, writeConsent } from "./consent.ts";
import { fileDisablingHooks } from "./disabled-hooks.ts";
import { setUpStore } from "./git-store.ts";
import { hooksInstalled, installHooks, removeHooks, type SettingsTarget } from "./settings-file.ts";
import { installShim, isShimCurrent, removeShim } from "./shim-file.ts";

export interface SetupContext {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SetupRequest {
  /** Null: every agent that is found. */
  readonly target: string | null;
  readonly remove: boolean;
  readonly dryRun: boolean;
  /** A folder of the repository to record, if a person asked for that as well. */
  readonly repo: string | null;
  /** Whether git's filters of that repository may run. Default: yes. */
  readonly trusted?: boolean;
}

/** Targets of `ot setup`; the others that scripts may know are not part of this version. */
const setupTargets = ["claude-code", "git"] as const;
const laterTargets = ["codex", "pi", "mcp", "skill"];

/**
 * Installs or removes capture for an agent; idempotent, and the dry run is the plan.
 *
 * Throws `usage` for an unknown target, `failed` for settings that cannot be edited safely, and
 * `home-read-only`. Whatever throws, the settings are as they were or as they should be.
 */
export async function setup(
  op: Op,
  context: SetupContext,
  request: SetupRequest,
): Promise<SetupAnswer> {
  checkTarget(request.target);
  if (request.target === "git")
    return setUpStore(op, { ...request, ...recorded(context, request) });
  if (request.dryRun) return perform(context, request);
  await using lock = await lockFile(op, `${context.home.root}/setup/.lock`);
  void lock;
  return await perform(context, request);
}

function recorded({ home }: SetupContext, { repo }: SetupRequest): { isRecorded: boolean } {
  return { isRecorded: repo !== null && consentOf(home, repo) === "on" };
}

/** Whether an agent's hooks and the shim are installed as this version wants them. */
export async function isSetUp(context: SetupContext): Promise<boolean> {
  if (!(await isShimCurrent(context.home))) return false;
  return hooksInstalled(claudeTarget(context)).catch(() => false);
}

function checkTarget(target: string | null): void {
  if (target === null || setupTargets.some((known) => known === target)) return;
  if (laterTargets.includes(target)) {
    throw new OtError("usage", `Setting up ${target} is not part of this version.`, {
      hint: `It can set up: ${setupTargets.join(", ")}.`,
    });
  }
  throw new OtError("usage", `"${target}" is nothing that can be set up.`, {
    hint: `Known targets: ${setupTargets.join(", ")}.`,
  });
}

async function perform(context: SetupContext, request: SetupRequest): Promise<SetupAnswer> {
  return request.remove ? uninstall(context, request) : install(context, request);
}

async function install(context: SetupContext, request: SetupRequest): Promise<SetupAnswer> {
  const { home, env } = context;
  if (request.target === null && !(await exists(claudeFolder(env)))) {
    const note = `No agent was found: ${claudeFolder(env)} does not exist.`;
    return { changes: [], notes: [note, "Start Claude Code once, or say: ot setup claude-code"] };
  }
  const target = claudeTarget(context);
  // The plan first: settings that cannot be edited must not leave a shim behind.
  await installHooks(target, { dryRun: true });
  const changes: Change[] = [await installShim(home, request)];
  changes.push(await installHooks(target, request));
  if (request.repo !== null) changes.push(await recordRepository(home, request.repo, request));
  return { changes, notes: installNotes(request, await fileDisablingHooks(env)) };
}

async function recordRepository(
  home: Home,
  folder: string,
  { dryRun, trusted = true }: { dryRun: boolean; trusted?: boolean },
): Promise<Change> {
  const root = consentRoot(folder);
  const file = consentFile(home, root, "on");
  const before: Consent = consentOf(home, root);
  if (before === "on") return { path: file, action: "keep", what: `${root} is recorded` };
  if (before !== "unasked") {
    return { path: file, action: "keep", what: `${root} stays ${before}, as was chosen before` };
  }
  if (!dryRun) await writeConsent(home, root, "on", { trusted });
  return { path: file, action: "create", what: `records agents in ${root}` };
}

async function uninstall(context: SetupContext, request: SetupRequest): Promise<SetupAnswer> {
  const changes: Change[] = [await removeHooks(claudeTarget(context), request)];
  const shim = await removeShim(context.home, request);
  if (shim !== null) changes.push(shim);
  return {
    changes,
    notes: [
      `Recorded sessions stay in ${context.home.bucketDir}; remove that folder to forget them.`,
      "Snapshots stay in .git/opentraces: `ot capture pause`, then `ot setup git --remove` there.",
    ],
  };
}

function installNotes(request: SetupRequest, disabling: string | null): string[] {
  const notes = [
    disabling === null
      ? "Sessions that are running pick the hooks up by themselves."
      : `No hook runs until you take disableAllHooks out of ${disabling}, which turns all off.`,
    "Codex and Pi have no hooks in this version.",
  ];
  if (request.repo !== null) return notes;
  return [...notes, "A repository is recorded once you say so in it: ot capture resume"];
}

function claudeTarget({ home, env }: SetupContext): SettingsTarget {
  return {
    home,
    file: claudeSettingsFile(env),
    entries: claudeEntries(home),
    isOurs: isClaudeHook(home),
  };
}

async function exists(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => null)) !== null;
}
