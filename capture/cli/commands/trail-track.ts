import { OtError } from "../../base/errors.ts";
import { plural } from "../../base/words.ts";
import type { Engine, TrackAnswer } from "../../api.ts";
import type { PatchState } from "../../model/trail.ts";
import type { Answer, Call } from "../command.ts";
import { parseSince } from "../option-values.ts";
import { oneLine } from "../render/escape.ts";
import { columnsOf, style } from "../render/paper.ts";
import { changeWords, shortAddress, shortTrace, stateWords } from "../render/words.ts";

/** `ot trail track`: what became of each patch. */
export async function trailTrack(call: Call): Promise<Answer> {
  const engine = await call.engine();
  const answer = await engine.track(call.op, askedOf(call));
  return { json: answer, lines: () => trackLines(answer) };
}

/** Patch ids are 40 hex digits; fewer than this say nothing. */
const patchDigitsMin = 6;

function askedOf({ args, io }: Call): Parameters<Engine["track"]>[1] {
  const [address] = args.operands;
  const patch = args.value("patch");
  const since = args.value("since");
  const given = [address, patch, since].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new OtError("usage", "It takes one of: a trace, --patch, --since.", {
      hint: "For example: ot trail track 3f2a9c, or ot trail track --since 7d",
    });
  }
  const where = { at: args.value("at"), repo: io.cwd };
  if (address !== undefined) return { ...where, address };
  if (since !== undefined) return { ...where, sinceMs: parseSince(since, io.nowMs()) };
  if (patch !== undefined && new RegExp(`^[0-9a-f]{${patchDigitsMin},40}$`, "u").test(patch)) {
    return { ...where, patch };
  }
  throw new OtError("usage", `"${patch ?? ""}" is no id of a patch.`, {
    hint: `It takes ${patchDigitsMin} to 40 hex digits of one.`,
  });
}

function* trackLines({ patches, totals }: TrackAnswer): Generator<string> {
  if (patches.length === 0) {
    yield "These steps changed no file.";
    return;
  }
  const parts = Object.entries(totals)
    .filter(([, count]) => count > 0)
    // Safe: the keys of `totals` are the states.
    .map(([state, count]) => `${count} ${stateWords[state as PatchState]}`);
  yield `${plural(patches.length, "change")}: ${parts.join(", ")}`;
  yield "";
  const hasSeveral = patches.some(({ trace }) => trace !== patches[0]?.trace);
  yield* columnsOf(
    patches.map((patch) => [
      stepWords(patch, hasSeveral),
      oneLine(patch.path),
      changeWords(patch),
      stateWords[patch.state],
      keptWords(patch),
    ]),
    { right: [0] },
  );
}

function stepWords({ trace, step }: TrackAnswer["patches"][number], hasSeveral: boolean): string {
  if (trace === null || step === null) return "";
  return hasSeveral ? shortAddress(trace, step) : String(step);
}

function byWords({ kind, id }: NonNullable<TrackAnswer["patches"][number]["by"]>): string {
  if (id === null) return kind;
  if (kind === "commit") return `commit ${id.slice(0, 8)}`;
  const [, trace, rest] = /^([a-z-]+:[^:/]+)(.*)$/u.exec(id) ?? [];
  return trace === undefined ? `${kind} ${id}` : `${kind} ${shortTrace(trace)}${rest ?? ""}`;
}

function keptWords({
  state,
  retention,
  flags,
  anchors,
  by,
}: TrackAnswer["patches"][number]): string {
  const [anchor] = anchors;
  const parts = [
    state === "transformed" ? `${Math.round(retention * 100)} % kept` : "",
    ...flags,
    anchor === undefined ? "" : `in ${anchor.commit.slice(0, 8)}`,
    by === null ? "" : `by ${byWords(by)}`,
  ];
  return style.dim(oneLine(parts.filter((part) => part !== "").join(", ")));
}
