import * as vscode from "vscode";

import { type Logger, type Op, OtError } from "../../capture/api.ts";
import { inertText } from "./plain-text.ts";

/** How long something may take before it shows that it is under way. */
const quietMs = 400;

/** Shows a failure once, in words, with its hint. A cancelled operation says nothing. */
export function report(error: unknown, log: Logger): void {
  if (error instanceof OtError) {
    if (error.code === "cancelled") return;
    log.log("warn", "operation.failed", { code: error.code });
    const words = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    void vscode.window.showErrorMessage(inertText(words));
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  log.log("error", "operation.broken", { message });
  void vscode.window.showErrorMessage(inertText(`opentraces could not do that: ${message}`));
}

/** Runs `work` with a cancellable notification that appears only if it takes a while. */
export async function runWithProgress<T>(
  title: string,
  log: Logger,
  work: (op: Op) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let show: ((words: string) => void) | undefined;
  const op: Op = {
    signal: controller.signal,
    log,
    progress: (done, total, what) =>
      show?.(total > 0 ? `${what} (${done} of ${total})` : `${what} (${done})`),
  };
  const working = work(op);
  const isQuick = await Promise.race([
    working.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), quietMs)),
  ]);
  if (isQuick) return working;
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      token.onCancellationRequested(() => controller.abort());
      show = (words) => progress.report({ message: inertText(words) });
      return working;
    },
  );
}
