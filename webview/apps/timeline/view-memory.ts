import type {
  Place,
  SavedState,
  TimelineContract,
  TimelineFilter,
} from "../../protocol/timeline.ts";
import { act } from "../../shared/act.ts";
import type { Host } from "../../shared/host.ts";

/** What the list is narrowed to. */
export interface View {
  readonly filter: TimelineFilter;
  readonly query: string;
}

/** Whether the list shows everything. */
export function isWhole({ filter, query }: View): boolean {
  return filter === "all" && query === "";
}

const filters: readonly TimelineFilter[] = ["all", "edits", "commands", "failed"];
const openMax = 200;

/** What outlives the hidden view and the window: the filter, and the place in the last session. */
export class ViewMemory {
  readonly #host: Host<TimelineContract>;
  #view: View;
  #place: Place | null;

  constructor(host: Host<TimelineContract>) {
    this.#host = host;
    const saved = asRecord(host.loadState());
    this.#view = readView(asRecord(saved["view"]));
    this.#place = readPlace(asRecord(saved["place"]));
  }

  get view(): View {
    return this.#view;
  }

  placeIn(trace: string): Place | null {
    return this.#place?.trace === trace ? this.#place : null;
  }

  saveView(view: View): void {
    this.#view = view;
    this.#save();
  }

  savePlace(place: Place): void {
    this.#place = { ...place, open: place.open.slice(-openMax) };
    this.#save();
  }

  #save(): void {
    const state: SavedState = { view: this.#view, place: this.#place, savedAtMs: Date.now() };
    this.#host.saveState(state);
    act(this.#host, "save", { state });
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function readView(saved: Readonly<Record<string, unknown>>): View {
  const { filter, query } = { filter: saved["filter"], query: saved["query"] };
  return {
    filter: filters.find((one) => one === filter) ?? "all",
    query: typeof query === "string" ? query : "",
  };
}

function readPlace(saved: Readonly<Record<string, unknown>>): Place | null {
  const { trace, topRow, open } = {
    trace: saved["trace"],
    topRow: saved["topRow"],
    open: saved["open"],
  };
  if (typeof trace !== "string" || typeof topRow !== "number") return null;
  const cursor = asRecord(saved["cursor"]);
  const { row, child } = { row: cursor["row"], child: cursor["child"] };
  return {
    trace,
    topRow,
    follows: saved["follows"] === true,
    cursor: {
      row: typeof row === "number" ? row : 0,
      child: typeof child === "number" ? child : -1,
    },
    open: Array.isArray(open) ? open.filter((id) => typeof id === "string") : [],
  };
}
