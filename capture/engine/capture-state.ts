import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { discover } from "../git/repository.ts";
import type { TraceSummary } from "../model/answers.ts";
import { consentOf } from "../setup/consent.ts";
import { isSetUp } from "../setup/setup.ts";
import type { CaptureFault, CaptureState } from "./engine.ts";
import type { LocalContext } from "./local-context.ts";

/** A session that wrote something within this time counts as live. */
export const liveMsMax = 5 * 60 * 1000;

const sessionsLookedAtMax = 20;

export interface CaptureStateRequest {
  readonly repo: string;
  readonly nowMs: number;
  readonly fault: CaptureFault | null;
  /** Called for each live session with the time at which it is not any more. */
  onLive(trace: string, untilMs: number): void;
}

/** What is recorded in a repository, and how it stands. Never throws for a folder without one. */
export async function captureState(
  op: Op,
  context: LocalContext,
  request: CaptureStateRequest,
): Promise<CaptureState> {
  const known = await context.finder.findOrNull(op, request.repo);
  const sessions = known === null ? [] : await sessionsOf(op, context, request.repo);
  const live = sessions.filter((one) => isLive(one, request.nowMs));
  for (const { id, endedAtMs } of live) request.onLive(id, (endedAtMs ?? 0) + liveMsMax);
  return {
    repository: known === null ? await withoutWorkTree(op, request.repo) : "ok",
    root: known?.workTree ?? null,
    consent: consentOf(context.home, request.repo),
    hooksInstalled: await isSetUp(context),
    liveTraces: live.map(({ id }) => id),
    lastStepAtMs: sessions[0]?.endedAtMs ?? null,
    fault: request.fault,
  };
}

async function withoutWorkTree(op: Op, folder: string): Promise<"bare" | "none"> {
  return (await discover(op, folder)).kind === "bare" ? "bare" : "none";
}

async function sessionsOf(
  op: Op,
  context: LocalContext,
  repo: string,
): Promise<readonly TraceSummary[]> {
  try {
    const answer = await context.listTraces(op, { repo, limit: sessionsLookedAtMax });
    return answer.traces;
  } catch (error) {
    if (error instanceof OtError && isOfTheDisk(error)) return [];
    throw error;
  }
}

function isOfTheDisk({ code }: OtError): boolean {
  return code === "home-read-only" || code === "disk-full";
}

function isLive({ endedAtMs }: TraceSummary, nowMs: number): boolean {
  return endedAtMs !== null && nowMs - endedAtMs < liveMsMax;
}
