import type { CaptureAnswer, Engine, Op } from "../api.ts";
import { openEngine } from "../api.ts";
import { silentLogger } from "../base/log.ts";
import type { Io } from "./io.ts";

// What verbs need of the engine. The build makes a bundle of its own of this module, so that help,
// usage errors and `--version` do not even read it.

export function openLocalEngine(): Promise<Engine> {
  return openEngine({ mode: "in-process", log: silentLogger });
}

export async function captureLive(
  op: Op,
  events: { readonly onLive: () => Promise<void> },
): Promise<CaptureAnswer> {
  const { runLiveCapture } = await import("../engine/live-capture.ts");
  return runLiveCapture(op, {
    env: process.env,
    onLive: () => void events.onLive(),
  });
}

/** Takes the payload on this process's stdin. */
export async function takeHook({ harness, event }: Parameters<Io["takeHook"]>[0]): Promise<void> {
  const { takeHook: take } = await import("../setup/take-hook.ts");
  const { env, stdin } = process;
  await take({ env, cwd: process.cwd(), harness, event, stdin });
}
