import type { Op } from "../base/op.ts";
import { OtError } from "../base/errors.ts";
import { readText } from "../bucket/blobs.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { Address } from "./address.ts";
import { selectedPatches } from "./session-patches.ts";

/**
 * Gated content of one path before or after the selected steps; null where there was no file.
 *
 * Throws `not-found` if the steps did not touch the path, or its content was not kept.
 */
export async function stepFile(
  op: Op,
  request: {
    readonly place: UnitPlace;
    readonly selected: Address;
    readonly path: string;
    readonly side: "before" | "after";
  },
): Promise<{ readonly text: string | null }> {
  const { view, patches } = await selectedPatches(op, request);
  const touching = patches.filter(
    ({ path, from }) => path === request.path || from === request.path,
  );
  const patch = request.side === "before" ? touching[0] : touching.at(-1);
  if (patch === undefined) {
    throw new OtError("not-found", `These steps did not change ${request.path}.`);
  }
  const side = request.side === "before" ? patch.before : patch.after;
  if (side === null) return { text: null };
  if (side.text !== null) return { text: await readText(view.place.dir, side.text) };
  throw new OtError(
    "not-found",
    `The content of ${request.path} was not kept: it is binary or too large.`,
  );
}
