export interface HookPayload {
  readonly [member: string]: unknown;
  readonly session_id: string;
  readonly hook_event_name: string;
  readonly tool_use_id?: string;
  readonly tool_name?: string;
}

export interface HookCall {
  /** Nanoseconds since the epoch. */
  readonly atNs: bigint;
  readonly payload: HookPayload;
}

export type RecordedChange =
  | { readonly kind: "write"; readonly path: string; readonly text: string }
  | {
      readonly kind: "replace";
      readonly path: string;
      readonly oldString: string;
      readonly newString: string;
      readonly everywhere: boolean;
    }
  | { readonly kind: "command"; readonly command: string };

export interface EditItem {
  readonly kind: "edit";
  readonly atMs: number;
  /** When the call was opened. */
  readonly startMs: number;
  readonly toolUseId: string;
  readonly change: RecordedChange;
}

export interface LineItem {
  readonly kind: "line";
  readonly atMs: number;
  /** Below the config folder. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** Without the newline. */
  readonly text: string;
}

export type ScheduleItem =
  | { readonly kind: "hook"; readonly atMs: number; readonly payload: HookPayload }
  | { readonly kind: "file"; readonly atMs: number; readonly path: string; readonly text: string }
  | LineItem
  | EditItem;
