import "./toolkit.ts";

import { VSCodeProgressRing } from "@vscode/webview-ui-toolkit/react/index.js";

export function ProgressRing({ label }: { readonly label: string }) {
  return <VSCodeProgressRing aria-label={label} />;
}
