import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { zeroOid } from "./objects.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";

/**
 * Pins keep what snapshots borrow of the user's objects from `git gc`: refs in the user's
 * repository that point to trees, so no log and no commit graph shows them.
 */
const pinPrefix = "refs/opentraces/pins/";

const triesMax = 5;

export interface Pin {
  readonly ref: string;
  readonly tree: string;
}

export async function listPins(op: Op, repository: Repository): Promise<readonly Pin[]> {
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["for-each-ref", "--format=%(objectname) %(refname)", pinPrefix],
  });
  return stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({
      tree: line.slice(0, line.indexOf(" ")),
      ref: line.slice(line.indexOf(" ") + 1),
    }));
}

/** Pins a tree of the user's, once. Throws `busy` if other writers keep taking the number. */
export async function ensurePin(op: Op, repository: Repository, tree: string): Promise<void> {
  for (let tries = 0; tries < triesMax; tries++) {
    const pins = await listPins(op, repository);
    if (pins.some((pin) => pin.tree === tree)) return;
    const last = Math.max(0, ...pins.map(({ ref }) => Number(ref.slice(pinPrefix.length)) || 0));
    const { exitCode } = await git(op, {
      ...placeOf(repository),
      args: ["update-ref", `${pinPrefix}${last + 1}`, tree, zeroOid(repository.objectFormat)],
      okExitCodes: [0, 1, 128],
    });
    if (exitCode === 0) return;
  }
  throw new OtError("busy", `The tree ${tree} could not be pinned in ${triesMax} tries.`);
}

export async function removePins(op: Op, repository: Repository): Promise<void> {
  const pins = await listPins(op, repository);
  if (pins.length === 0) return;
  await git(op, {
    ...placeOf(repository),
    args: ["update-ref", "--stdin"],
    stdin: pins.map(({ ref }) => `delete ${ref}\n`).join(""),
  });
}
