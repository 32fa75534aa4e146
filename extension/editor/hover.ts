import * as vscode from "vscode";

import { readSettings } from "../base/settings.ts";
import { loadLate } from "../load-late.ts";
import type { WhySource } from "./why-source.ts";

/** Says why the line under the pointer is there. Fails silently: no hover is worth an error. */
export function registerHover(why: WhySource): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { scheme: "file" },
    {
      provideHover: async (document, position, token) => {
        if (!readSettings().hover && !why.isAsked()) return null;
        try {
          const answer = await why.why(document, position.line + 1);
          if (answer === null || token.isCancellationRequested) return null;
          const markdown = (await loadLate()).hoverMarkdown(answer, Date.now());
          if (markdown === null || position.line >= document.lineCount) return null;
          return new vscode.Hover(hoverText(markdown), document.lineAt(position).range);
        } catch (error) {
          why.log.log("debug", "hover.failed", { message: String(error) });
          return null;
        }
      },
    },
  );
}

function hoverText(markdown: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(markdown);
  text.isTrusted = { enabledCommands: ["opentraces.openStep", "opentraces.openStepDiff"] };
  text.supportHtml = false;
  text.supportThemeIcons = false;
  return text;
}
