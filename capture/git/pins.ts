import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { zeroOid } from "./objects.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";

/**
 * Pins keep what snapshots borrow of the user's objects from `git gc`: refs in the user's
 * repository that point to trees, so no log and no commit graph shows them.
 *
 * Their names stand right below `refs/`, as `refs/stash` does: git's push knows no names of one
 * part, so that `push --mirror` leaves them where they are.
 */
const pinPrefix = "refs/opentraces-pin-";

export interface Pin {
  readonly ref: string;
  readonly tree: string;
}

export async function listPins(op: Op, repository: Repository): Promise<readonly Pin[]> {
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["for-each-ref", "--format=%(objectname) %(refname)", `${pinPrefix}*`],
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

/**
 * Pins a tree of the user's beside the pins that are there.
 *
 * False if another writer took the number, or the tree is not there: then it is for the caller to
 * look again. `gap`: numbers to leave out, for one may be locked by a git that died.
 */
export async function addPin(
  op: Op,
  repository: Repository,
  pin: { readonly tree: string; readonly beside: readonly Pin[]; readonly gap: number },
): Promise<boolean> {
  const { exitCode } = await git(op, {
    ...placeOf(repository),
    args: [
      "update-ref",
      `${pinPrefix}${highestNumber(pin.beside) + 1 + pin.gap}`,
      pin.tree,
      zeroOid(repository.objectFormat),
    ],
    okExitCodes: [0, 1, 128],
  });
  return exitCode === 0;
}

function highestNumber(pins: readonly Pin[]): number {
  return Math.max(0, ...pins.map(({ ref }) => Number(ref.slice(pinPrefix.length)) || 0));
}

/** Removes the pins that `isWanted` does not name; by default all. */
export async function removePins(
  op: Op,
  repository: Repository,
  isWanted: (pin: Pin) => boolean = () => false,
): Promise<number> {
  const pins = (await listPins(op, repository)).filter((pin) => !isWanted(pin));
  if (pins.length === 0) return 0;
  await git(op, {
    ...placeOf(repository),
    args: ["update-ref", "--stdin"],
    stdin: pins.map(({ ref, tree }) => `delete ${ref} ${tree}\n`).join(""),
  });
  return pins.length;
}

export function notPinned(tree: string, tries: number): OtError {
  return new OtError("busy", `The tree ${tree} could not be pinned in ${tries} tries.`);
}
