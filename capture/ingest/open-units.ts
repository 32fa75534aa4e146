import { openUnitsMax } from "../base/limits.ts";
import type { Op } from "../base/op.ts";
import { lockUnit } from "../bucket/unit-writer.ts";
import type { UnitPlace } from "../bucket/units.ts";
import { UnitIngest, type UnitIngestContext } from "./unit-ingest.ts";

export interface UnitRequest {
  readonly place: UnitPlace;
  /** Asked for only where the unit has to be opened. */
  readonly context: () => Promise<UnitIngestContext>;
}

/**
 * Units that stay open between appends, because opening one folds its whole source again.
 *
 * The lock is held for each piece of work only, so other processes get their turn; a unit that one
 * of them wrote meanwhile is opened anew.
 */
export class OpenUnits implements AsyncDisposable {
  /** The last piece of work on each unit that is in use: the next one waits for it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Least recently used first. */
  readonly #open = new Map<string, UnitIngest>();

  /** Does one piece of work on a unit, alone. What it throws closes the unit. */
  use<T>(op: Op, request: UnitRequest, work: (unit: UnitIngest) => Promise<T>): Promise<T> {
    return this.#inTurn(request.place.dir, () => this.#use(op, request, work));
  }

  /** True for a unit that is open: then to look what is new costs less than to look whether. */
  isOpen(place: UnitPlace): boolean {
    return this.#open.has(place.dir);
  }

  /** Closes a unit that is not expected to grow soon, and lets its memory go. */
  release(place: UnitPlace): Promise<void> {
    return this.#inTurn(place.dir, () => this.#close(place.dir));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#turns.size > 0) await Promise.all(this.#turns.values());
    for (const dir of this.#open.keys()) await this.#close(dir);
  }

  async #use<T>(op: Op, request: UnitRequest, work: (unit: UnitIngest) => Promise<T>): Promise<T> {
    const { dir } = request.place;
    await using lock = await lockUnit(op, dir);
    void lock;
    const unit = await this.#unit(request);
    try {
      return await work(unit);
    } catch (error) {
      await this.#close(dir);
      throw error;
    }
  }

  async #unit({ place, context }: UnitRequest): Promise<UnitIngest> {
    const known = this.#open.get(place.dir);
    if (known !== undefined && (await known.unit.isCurrent())) {
      this.#open.delete(place.dir);
      this.#open.set(place.dir, known);
      return known;
    }
    await this.#close(place.dir);
    const unit = await UnitIngest.open(await context(), place);
    this.#open.set(place.dir, unit);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= openUnitsMax) break;
      if (!this.#turns.has(oldest)) await this.#close(oldest);
    }
    return unit;
  }

  #inTurn<T>(dir: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(dir) ?? Promise.resolve()).then(work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(dir) === settled) this.#turns.delete(dir);
      });
    this.#turns.set(dir, settled);
    return turn;
  }

  async #close(dir: string): Promise<void> {
    const unit = this.#open.get(dir);
    this.#open.delete(dir);
    await unit?.[Symbol.asyncDispose]();
  }
}
