import "./toolkit.ts";

import { VSCodeTextField } from "@vscode/webview-ui-toolkit/react/index.js";
import { useEffect, useRef } from "react";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onClose: () => void;
}

/** A text field that takes the focus when it appears and gives it back on Escape. */
export function SearchField({ label, value, onChange, onClose }: Props) {
  const field = useRef<HTMLElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <VSCodeTextField
      ref={(element: unknown) => {
        field.current = element instanceof HTMLElement ? element : null;
      }}
      className="search-field"
      aria-label={label}
      placeholder={label}
      value={value}
      onInput={(event) => {
        if (event.target instanceof HTMLInputElement || hasValue(event.target)) {
          onChange(event.target.value);
        }
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    />
  );
}

function hasValue(target: EventTarget | null): target is EventTarget & { value: string } {
  return target !== null && "value" in target && typeof target.value === "string";
}
