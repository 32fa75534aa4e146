import * as vscode from "vscode";

import type { Deps } from "../base/deps.ts";
import { tokenOp } from "../base/token-op.ts";

type Side = "before" | "after";

/** `opentraces:/<trace>/<step>/<path>?side=before|after`. */
export function stepDocumentUri(
  trace: string,
  step: number | string,
  path: string,
  side: Side,
): vscode.Uri {
  return vscode.Uri.from({
    scheme: "opentraces",
    path: `/${[trace, String(step), ...path.split("/")].join("/")}`,
    query: `side=${side}`,
  });
}

interface StepDocument {
  /** The step's address as the CLI takes it. */
  readonly address: string;
  readonly path: string;
  readonly side: Side;
}

/** Null for a URI that is not one of ours. */
function parseStepDocument(uri: vscode.Uri): StepDocument | null {
  const [, trace, step, ...rest] = uri.path.split("/");
  if (trace === undefined || step === undefined || rest.length === 0) return null;
  const side = new URLSearchParams(uri.query).get("side");
  if (side !== "before" && side !== "after") return null;
  return { address: addressOf(trace, step), path: rest.join("/"), side };
}

/** A step's number as the answers carry it (`14`, `"<agent>:3"`) made an address again. */
export function addressOf(trace: string, step: number | string): string {
  const text = String(step);
  return text.includes(":") ? `${trace}/${text}` : `${trace}:${text}`;
}

/** Serves a file as it was beside a step, read-only, for native diffs. */
export function registerStepDocuments({ engine, log }: Deps): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider("opentraces", {
    provideTextDocumentContent: async (uri, token) => {
      const document = parseStepDocument(uri);
      if (document === null) return "";
      const opened = await engine.get();
      const { text } = await opened.stepFile(tokenOp(log, token), document);
      return text ?? "";
    },
  });
}
