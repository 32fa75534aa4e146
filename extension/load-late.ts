import type { Late } from "./late.ts";

/** Loads what activation does not need; from the second time on it is there at once. */
export async function loadLate(): Promise<Late> {
  // The build makes a bundle of its own of it, so that activation does not even read it.
  const { late } = await import("./late.ts");
  return late;
}
