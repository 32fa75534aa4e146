import type * as vscode from "vscode";

export interface Debounced extends vscode.Disposable {
  /** Runs once nothing has asked for it for a while. */
  afterQuiet(): void;
  /** Runs soon, and not later because somebody asks again: for changes that may never pause. */
  soon(): void;
}

/** Joins many requests for `work` into few. */
export function debounce(work: () => void, waitMs: number): Debounced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    timer = setTimeout(() => {
      timer = undefined;
      work();
    }, waitMs);
  };
  return {
    afterQuiet: () => {
      clearTimeout(timer);
      start();
    },
    soon: () => {
      if (timer === undefined) start();
    },
    dispose: () => clearTimeout(timer),
  };
}
