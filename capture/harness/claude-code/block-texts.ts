/** Texts lie side by side in pieces of this size, which are used again. */
const pieceBytes = 1024 * 1024;
/** A longer text lies by itself, so that little is left unused at the end of a piece. */
const sharedTextBytesMax = pieceBytes / 4;

/** A text that is kept until each of its holders has let go of it. */
export interface KeptText {
  readonly bytes: Buffer;
  /** Where it lies; undefined for one that lies by itself. */
  readonly piece: Piece | undefined;
}

interface Piece {
  readonly memory: Buffer;
  /** Holders of the texts in it. */
  held: number;
}

/**
 * Keeps copies of many small texts for a while.
 *
 * In buffers of their own they would stay behind, dead, until all of the heap is collected, and the
 * memory between them would fit nothing else: an import would grow with its file.
 */
export class BlockTexts {
  readonly #free: Piece[] = [];
  #current: Piece = newPiece();
  #end = 0;

  /** A copy of `bytes`, which nobody holds yet. */
  copy(bytes: Buffer): KeptText {
    if (bytes.length > sharedTextBytesMax) return { bytes: Buffer.from(bytes), piece: undefined };
    if (pieceBytes - this.#end < bytes.length) this.#turn();
    const start = this.#end;
    this.#end += bytes.copy(this.#current.memory, start);
    return { bytes: this.#current.memory.subarray(start, this.#end), piece: this.#current };
  }

  hold({ piece }: KeptText): void {
    if (piece !== undefined) piece.held += 1;
  }

  /** After this, the bytes may become others for a holder that has let go. */
  letGo({ piece }: KeptText): void {
    if (piece === undefined) return;
    piece.held -= 1;
    if (piece.held === 0 && piece !== this.#current) this.#free.push(piece);
  }

  #turn(): void {
    if (this.#current.held > 0) this.#current = this.#free.pop() ?? newPiece();
    this.#end = 0;
  }
}

function newPiece(): Piece {
  return { memory: Buffer.allocUnsafeSlow(pieceBytes), held: 0 };
}
