import { plural } from "../../base/words.ts";
import type { TrackAnswer } from "../../api.ts";
import type { PatchState } from "../../model/trail.ts";
import type { Answer, Call } from "../command.ts";
import { oneLine } from "../render/escape.ts";
import { columnsOf, style } from "../render/paper.ts";
import { changeWords, shortTrace, stateWords } from "../render/words.ts";

/** `ot trail track`: what became of each patch. */
export async function trailTrack(call: Call): Promise<Answer> {
  const [address = ""] = call.args.operands;
  const at = call.args.value("at");
  const engine = await call.engine();
  const answer = await engine.track(call.op, {
    address,
    repo: call.io.cwd,
    ...(at === undefined ? {} : { at }),
  });
  return { json: answer, lines: () => trackLines(answer) };
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
  yield* columnsOf(
    patches.map((patch) => [
      patch.step === null ? "" : String(patch.step),
      oneLine(patch.path),
      changeWords(patch),
      stateWords[patch.state],
      keptWords(patch),
    ]),
    { right: [0] },
  );
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
