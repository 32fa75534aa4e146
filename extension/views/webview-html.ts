import { randomBytes } from "node:crypto";

import * as vscode from "vscode";

const hashOfNothing = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** The page of one webview app: its bundle, its styles, and nothing else may load or run. */
export function webviewHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  { app, state }: { readonly app: "timeline"; readonly state: unknown },
): string {
  const nonce = randomBytes(16).toString("base64url");
  const asset = (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", "webview", name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit puts in an empty style element and fills it by script.
    `style-src ${webview.cspSource} '${hashOfNothing}'`,
    `font-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset("codicon.css")}">
<link rel="stylesheet" href="${asset(`${app}.css`)}">
</head>
<body>
<div id="root" data-state="${escapeAttribute(JSON.stringify(state ?? null))}"></div>
<script type="module" nonce="${nonce}" src="${asset(`${app}.js`)}"></script>
</body>
</html>`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
