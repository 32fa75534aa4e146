import type { HookCall, ScheduleItem } from "./fixture-schedule.d.mts";

export interface FixtureFile {
  /** Below the config folder, `/`-separated. */
  readonly path: string;
  readonly text: string;
  /** The parsed lines of a transcript; empty for a side file. */
  readonly records: readonly Record<string, unknown>[];
}

export interface FixtureRequest {
  readonly n: number;
  /** ISO time of arrival. */
  readonly at: string;
  /** The dialogue that answered: `main`, `sub:<name>`, `compact`. */
  readonly queue: string;
  readonly step: number;
  readonly betas: readonly string[];
  readonly body: FixtureBody;
  /** As the journal's `requestDigest` is computed. */
  readonly digest: string;
  readonly response: FixtureResponse;
}

export interface FixtureBody {
  readonly [member: string]: unknown;
  readonly model: string;
  readonly system: readonly Record<string, unknown>[];
  readonly tools: readonly Record<string, unknown>[];
  readonly messages: readonly FixtureMessage[];
}

export interface FixtureMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: readonly FixtureBlock[];
}

export interface FixtureBlock {
  readonly [member: string]: unknown;
  readonly type: string;
}

export interface FixtureResponse {
  /** Set of an answer, with `blocks`, `stopReason` and `usage`. */
  readonly id?: string | null;
  readonly blocks?: readonly FixtureBlock[];
  readonly stopReason?: string | null;
  readonly usage?: Readonly<Record<string, unknown>>;
  /** Set of an HTTP error, with `error`. */
  readonly status?: number;
  readonly error?: unknown;
}

export interface Fixture {
  readonly name: string;
  /** Where the stored fixture lies. */
  readonly folder: string;
  /** `claude-code <version>`. */
  readonly client: string;
  /** What was typed, in order. */
  readonly prompts: readonly string[];
  readonly cwd: string;
  readonly configFolder: string;
  readonly files: readonly FixtureFile[];
  readonly hooks: readonly HookCall[];
  readonly requests: readonly FixtureRequest[];
  readonly schedule: readonly ScheduleItem[];
}

export interface PlacedFixture {
  readonly fixture: Fixture;
  readonly repository: string;
  readonly configFolder: string;
}

export const RECORDED_REPOSITORY: string;
export const RECORDED_CONFIG: string;
export function projectSlug(folder: string): string;
export function fixtureNames(): string[];
export function readFixture(
  name: string,
  place?: { readonly repository?: string; readonly configFolder?: string },
): Fixture;
export function placeFixture(name: string, root: string): PlacedFixture;
export function createRepository(
  fixture: Fixture,
  folder: string,
  state?: "before" | "after",
): void;
export function writeNative(fixture: Fixture, configFolder: string): void;
export function recordedGit(folder: string, args: readonly string[], input?: Uint8Array): string;
