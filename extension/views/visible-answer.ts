import { visibleText } from "../base/plain-text.ts";

/**
 * The same answer with every text in it made visible: no control character and no turned writing
 * reaches the page. Paths stay as they are, for they come back to open what they name.
 */
export function visibleAnswer<T>(answer: T): T {
  // Safe: only the characters of strings change, never a member or its type.
  return visibleValue(answer) as T;
}

function visibleValue(value: unknown): unknown {
  if (typeof value === "string") return visibleText(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === "path" ? [key, member] : [key, visibleValue(member)],
    ),
  );
}
