import type * as vscode from "vscode";

import type { Logger, Op } from "../../capture/api.ts";

/** An operation that VS Code itself may cancel, e.g. a document that is no longer wanted. */
export function tokenOp(log: Logger, token: vscode.CancellationToken): Op {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, log, progress: () => undefined };
}
