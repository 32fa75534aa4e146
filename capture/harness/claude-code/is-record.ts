/** True for an object of JSON, and for a list too: one whose members can be asked for by name. */
export function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
