import type * as vscode from "vscode";

import type { Logger } from "../../capture/api.ts";

/** Writes the engine's log events to the extension's output channel. */
export function channelLogger(channel: vscode.LogOutputChannel): Logger {
  return {
    log: (level, event, fields) => {
      const words = fields === undefined ? event : `${event} ${JSON.stringify(fields)}`;
      channel[level](words);
    },
  };
}
