import type { EditItem, ScheduleItem } from "./fixture-schedule.d.mts";

export interface ReplayOptions {
  readonly repository: string;
  readonly configFolder: string;
  readonly hooks?: "settings" | readonly [string, ...string[]] | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly speed?: number;
  readonly pauseMsMax?: number;
  readonly onItem?: (item: ScheduleItem) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface ReplayCounts {
  readonly lines: number;
  readonly files: number;
  readonly edits: number;
  readonly hooks: number;
  readonly hookRuns: number;
}

export function replay(
  schedule: readonly ScheduleItem[],
  options: ReplayOptions,
): Promise<ReplayCounts>;
export function applyChange(item: EditItem, repository: string): Promise<void>;
