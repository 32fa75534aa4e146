/**
 * Which folder of a workspace a person works in. One that was chosen by opening a file stays so
 * while no file is open, as long as it belongs to the workspace.
 */
export class FolderChoice {
  #last: string | null = null;

  /** `ofEditor` is the active editor's folder; null where there is none. */
  choose(ofEditor: string | null, folders: readonly string[]): string | null {
    if (ofEditor !== null) this.#last = ofEditor;
    if (this.#last !== null && !folders.includes(this.#last)) this.#last = null;
    return this.#last ?? folders[0] ?? null;
  }
}
