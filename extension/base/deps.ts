import type * as vscode from "vscode";

import type { Logger } from "../../capture/api.ts";
import type { EngineHandle } from "./engine-handle.ts";

/** What a feature may need; each takes the part that it uses. */
export interface Deps {
  readonly context: vscode.ExtensionContext;
  readonly engine: EngineHandle;
  readonly log: Logger;
  readonly channel: vscode.LogOutputChannel;
}
