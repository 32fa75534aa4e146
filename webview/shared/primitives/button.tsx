import "./toolkit.ts";

import { VSCodeButton } from "@vscode/webview-ui-toolkit/react/index.js";
import type { ReactNode } from "react";

export function Button(props: {
  readonly children: ReactNode;
  readonly onPress: () => void;
  readonly secondary?: boolean;
}) {
  return (
    <VSCodeButton
      appearance={props.secondary === true ? "secondary" : "primary"}
      onClick={props.onPress}
    >
      {props.children}
    </VSCodeButton>
  );
}
