export interface RebuiltRequest {
  readonly record: Readonly<Record<string, unknown>>;
  /** Null when a message or the shape is missing. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly verified: boolean;
}

export function sha256(input: string | Uint8Array): string;
export function canonical(value: unknown, omitCacheControl?: boolean): string;
export function rebuildRequests(
  files: readonly (readonly Record<string, unknown>[])[],
): RebuiltRequest[];
export function bodyDigest(
  body: Readonly<Record<string, unknown>>,
  betas: readonly string[],
): string;
