import type * as vscode from "vscode";

/** Holds what must be given back; disposing it disposes everything in it, last first. */
export class DisposableStore implements vscode.Disposable {
  readonly #items: vscode.Disposable[] = [];
  #isDisposed = false;

  /** Adds and returns `item`; what comes after the end is disposed at once. */
  add<T extends vscode.Disposable>(item: T): T {
    if (this.#isDisposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  get size(): number {
    return this.#items.length;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const item of this.#items.splice(0).toReversed()) item.dispose();
  }
}
