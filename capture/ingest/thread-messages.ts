import type { GatedLine } from "../security/gate-line.ts";

/** What is asked of the thread; each is answered once, in order. */
export type ThreadRequest = { readonly id: number } & (GateRequest | BlobRequest);

/** Lines to be hashed and gated. */
export interface GateRequest {
  readonly does: "gate";
  readonly key: Uint8Array;
  readonly knownSecrets: readonly string[];
  readonly memory: SharedArrayBuffer;
  /** Where in the memory each line begins and ends, one after the other. */
  readonly ranges: Uint32Array;
}

/** A blob to be compressed and put into its place. */
export interface BlobRequest {
  readonly does: "blob";
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mayExist: boolean;
}

export type ThreadAnswer =
  | { readonly isReady: true }
  | { readonly id: number; readonly gated: GatedLines }
  | { readonly id: number; readonly isWritten: true }
  | { readonly id: number; readonly fault: Fault };

/** The lines of one {@link GateRequest}. */
export interface GatedLines {
  /** Keyed hash of each raw line, 64 hex digits, one after the other. */
  readonly hashes: string;
  /** Those that were not clean, by their number in the request; `bytes` is a plain Uint8Array. */
  readonly changed: ReadonlyMap<number, GatedLine>;
}

/** An error on its way between threads, which would lose its code. */
export interface Fault {
  readonly code: string | undefined;
  readonly message: string;
}
