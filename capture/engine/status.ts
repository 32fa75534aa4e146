import { readdir, stat } from "node:fs/promises";

import { OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import type { Op } from "../base/op.ts";
import { cleanEnv, run } from "../base/process.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import { listUnits } from "../bucket/units.ts";
import { discover } from "../git/repository.ts";
import type { Repository } from "../git/repository.ts";
import { checkStore } from "../git/store-check.ts";
import { storeDirOf, storeExists } from "../git/store-folder.ts";
import type { Check, StatusAnswer } from "../model/answers.ts";
import { claudeFolder, claudeSettingsFile } from "../setup/claude-code.ts";
import { consentOf } from "../setup/consent.ts";
import { fileDisablingHooks } from "../setup/disabled-hooks.ts";
import { isSetUp } from "../setup/setup.ts";
import { homeFault } from "./capture-fault.ts";
import { joinEngine } from "./client.ts";
import type { CaptureFault } from "./engine.ts";
import type { LocalContext } from "./local-context.ts";

/** Events that wait longer than the engine needs say that none takes them in. */
const waitingEventsMax = 200;

/**
 * What is captured, how well, what is wrong, and the command that mends it.
 *
 * `deep` also reads every unit of the bucket. Never throws but `cancelled`: what fails is a check.
 */
export async function statusOf(
  op: Op,
  context: LocalContext,
  request: { readonly repo?: string; readonly deep: boolean },
): Promise<StatusAnswer> {
  const checks: Check[] = [
    await homeCheck(context),
    await gitCheck(op),
    await agentCheck(context),
    await hooksCheck(context),
    await spoolCheck(context),
    await engineCheck(op, context),
    await bucketCheck(context, request.deep),
  ];
  if (request.repo !== undefined) {
    checks.push(...(await repositoryChecks(op, context, { ...request, folder: request.repo })));
  }
  return { checks };
}

function good(id: string, message: string): Check {
  return { id, ok: true, message, fix: null };
}

function bad(id: string, message: string, fix: string | null): Check {
  return { id, ok: false, message, fix };
}

async function homeCheck({ home }: LocalContext): Promise<Check> {
  if ((await stat(home.root).catch(() => null)) === null) {
    return good("home", `${home.root} will be made when something is recorded.`);
  }
  const fault = homeFault(home);
  if (fault === null) return good("home", `Everything recorded is in ${home.root}.`);
  return bad("home", `${fault.message} Nothing is recorded now.`, fixOf(fault, home));
}

/** Space is for a person to find; `df` shows which disk it is. */
function fixOf({ code }: CaptureFault, { root }: Home): string | null {
  if (code === "disk-full") return `df -h ${quoted(root)}`;
  return code === "home-read-only" ? `chmod u+rwx ${quoted(root)}` : null;
}

function quoted(file: string): string {
  return `'${file.replaceAll("'", "'\\''")}'`;
}

async function gitCheck(op: Op): Promise<Check> {
  try {
    const { stdout } = await run(op, { command: "git", args: ["--version"], env: cleanEnv() });
    return good("git", `${stdout.toString("utf8").trim()} is on PATH.`);
  } catch (error) {
    if (error instanceof OtError && error.code === "cancelled") throw error;
    const message = "git was not found: no line can be traced. Install it and put it on PATH.";
    return bad("git", message, null);
  }
}

async function agentCheck({ env }: LocalContext): Promise<Check> {
  const folder = claudeFolder(env);
  const isThere = (await stat(folder).catch(() => null)) !== null;
  if (isThere) return good("claude-code", `Claude Code keeps its sessions in ${folder}.`);
  return good("claude-code", `Claude Code was not found: ${folder} does not exist.`);
}

async function hooksCheck(context: LocalContext): Promise<Check> {
  const isThere = (await stat(claudeFolder(context.env)).catch(() => null)) !== null;
  const disabling = await fileDisablingHooks(context.env);
  if (disabling !== null) {
    return bad("hooks", `No hook runs: take disableAllHooks out of ${disabling}.`, null);
  }
  if (await isSetUp(context)) {
    return good("hooks", `Hooks are installed in ${claudeSettingsFile(context.env)}.`);
  }
  if (!isThere) return good("hooks", "There is no agent to install hooks for.");
  const message = "Hooks are not installed: edits by shell commands are not covered.";
  return bad("hooks", message, "ot setup claude-code");
}

async function engineCheck(op: Op, { home }: LocalContext): Promise<Check> {
  const engine = await joinEngine(home).catch(() => null);
  if (engine === null) {
    return good("engine", "No engine runs now; an editor window or `ot capture` starts one.");
  }
  const { version, pid } = engine.peer;
  // It may know of more than a look from here shows.
  const state = await engine.captureState(op, { repo: home.root }).catch(() => null);
  await engine.close();
  const fault = state?.fault ?? null;
  if (fault !== null) {
    const message = `Engine ${version}, process ${pid}, cannot record: ${fault.message}`;
    return bad("engine", message, fixOf(fault, home));
  }
  return good("engine", `Engine ${version} records live, as process ${pid}.`);
}

async function spoolCheck({ home }: LocalContext): Promise<Check> {
  const waiting = await countNames(home.spoolDir, ".json");
  const aside = await countNames(home.spoolBadDir, ".json");
  if (waiting > waitingEventsMax) {
    return bad("spool", `${waiting} hook events wait to be taken in.`, "ot capture --once");
  }
  if (aside > 0) {
    const message = `${aside} hook events could not be read and lie in ${home.spoolBadDir}.`;
    return bad("spool", message, `rm -r ${quoted(home.spoolBadDir)}`);
  }
  return good("spool", waiting === 0 ? "No hook event waits." : `${waiting} hook events wait.`);
}

async function countNames(folder: string, end: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(end)).length;
}

async function bucketCheck({ home }: LocalContext, deep: boolean): Promise<Check> {
  const units = await listUnits(home).catch(() => []);
  if (units.length === 0) return bad("sessions", "No session is recorded yet.", "ot import");
  const recorded = good(
    "sessions",
    `${units.length === 1 ? "1 session is" : `${units.length} sessions are`} recorded.`,
  );
  if (!deep) return recorded;
  let unreadable = 0;
  for (const unit of units) {
    const session = await readSessionFile(unit.dir).catch(() => undefined);
    if (session === undefined) unreadable += 1;
  }
  if (unreadable === 0) return recorded;
  const message = `${unreadable} of ${units.length} sessions have no readable session.json.`;
  return bad("sessions", message, "ot import");
}

async function repositoryChecks(
  op: Op,
  context: LocalContext,
  { folder, deep }: { readonly folder: string; readonly deep: boolean },
): Promise<readonly Check[]> {
  const found = await discover(op, folder).catch(() => null);
  if (found === null) return [bad("repository", `git could not look at ${folder}.`, null)];
  if (found.kind !== "ok")
    return [bad("repository", `${found.message} ${found.hint}`.trim(), null)];
  const { workTree } = found.repository;
  const hasStore = storeExists(storeDirOf(found.repository));
  const words = hasStore
    ? "has snapshots"
    : "has no snapshots yet; lines are traced by transcripts";
  const checks = [good("repository", `${workTree} ${words}.`), consentCheck(context, workTree)];
  return deep && hasStore ? [...checks, await storeCheck(op, found.repository)] : checks;
}

async function storeCheck(op: Op, repository: Repository): Promise<Check> {
  try {
    const { sessions, sizeBytes, unpinned, missing } = await checkStore(op, repository);
    const size = `${Math.ceil(sizeBytes / 1024)} KiB`;
    const kept = `Snapshots of ${sessions === 1 ? "1 session" : `${sessions} sessions`}, ${size}`;
    if (missing > 0) {
      const lost = `${missing} objects of older snapshots were removed with their pins.`;
      return bad("snapshots", `${kept}: ${lost}`, "ot bucket gc");
    }
    if (unpinned === 0) return good("snapshots", `${kept}, are whole.`);
    const loose = `${unpinned} pins were removed, so git gc may take a part of them.`;
    return bad("snapshots", `${kept}: ${loose}`, "ot bucket gc");
  } catch (error) {
    if (!(error instanceof OtError) || error.code === "cancelled") throw error;
    return bad("snapshots", `The snapshot store cannot be read: ${error.message}`, null);
  }
}

function consentCheck(context: LocalContext, root: string): Check {
  switch (consentOf(context.home, root)) {
    case "on":
      return good("consent", `Agents in ${root} are recorded.`);
    case "excluded":
      return good("consent", `${root} is never recorded, as was chosen.`);
    case "paused":
      return bad("consent", `Capture is paused in ${root}.`, "ot capture resume");
    case "unasked":
      return bad("consent", `${root} is not recorded: nobody was asked yet.`, "ot capture resume");
  }
}
