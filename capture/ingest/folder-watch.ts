import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";

/** Folders that are watched at once; what is beyond is found by polling. */
const foldersMax = 2_000;

/**
 * Watches single folders, never recursively: on Linux that would put a watch on every file below.
 *
 * A hint only: events may be missing or come twice, and a folder that cannot be watched is polled.
 */
export class FolderWatch implements Disposable {
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly ino: number }>();
  readonly #onEvent: (path: string) => void;

  constructor(onEvent: (path: string) => void) {
    this.#onEvent = onEvent;
  }

  /** True if it is watched from now on; false if it was already, or cannot be. */
  add(folder: string): boolean {
    try {
      const { ino } = statSync(folder);
      // A folder that was removed and made again is another one; its old watch is deaf.
      if (this.#watchers.get(folder)?.ino === ino) return false;
      this.#remove(folder);
      if (this.#watchers.size >= foldersMax) return false;
      const watcher = watch(folder, { persistent: false }, (_kind, name) => {
        this.#onEvent(name === null ? folder : join(folder, name));
      });
      watcher.on("error", () => this.#remove(folder));
      this.#watchers.set(folder, { watcher, ino });
      return true;
    } catch {
      // Gone, not ours to read, or out of watches: the poll finds what happens there.
      return false;
    }
  }

  [Symbol.dispose](): void {
    for (const folder of this.#watchers.keys()) this.#remove(folder);
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}
