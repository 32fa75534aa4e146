// What the loose schemas do with a single field, for the records that there are most of: a value
// of a wrong type counts as absent.

export function textField(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function flagField(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** JSON can say a number that is too large to be one. */
export function numberField(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
