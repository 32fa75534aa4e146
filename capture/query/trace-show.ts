import { readText } from "../bucket/blobs.ts";
import type { Catalog } from "../bucket/index/catalog.ts";
import { readTrace } from "../bucket/read-unit.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import { traceSummaryOf } from "../bucket/trace-summary.ts";
import type { UnitPlace } from "../bucket/units.ts";
import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { Outcome, TraceShowAnswer } from "../model/answers.ts";
import { stepAddress, traceIdOf } from "../model/ids.ts";
import type { Step, Trace, TraceFile } from "../model/trace.ts";
import { starterOf, stepsUnder } from "./sub-agents.ts";
import { type Address, parseAddress, selectSteps } from "./address.ts";

export interface TraceSource {
  readonly catalog: Catalog;
  /** What became of the session; absent where there is no repository to ask. */
  outcomeOf?(op: Op, place: UnitPlace): Promise<Outcome | null>;
}

/**
 * The timeline of a session, or the steps that an address selects; with `full`, long texts whole.
 */
export async function showTrace(
  op: Op,
  source: TraceSource,
  request: { readonly address: string; readonly full?: boolean },
): Promise<TraceShowAnswer> {
  const address = parseAddress(request.address);
  const place = source.catalog.find(address.trace);
  const session = await readSessionFile(place.dir);
  if (session === undefined) {
    throw new OtError("data-damaged", `The unit of ${place.trace} has no session.json.`, {
      hint: "`ot import` writes it again.",
    });
  }
  const trace = await readTrace(place);
  throwIfCancelled(op);
  const file = fileOf(trace, address);
  const isWhole = address.selection.kind === "all" && address.agent === null;
  const chosen = isWhole ? everyStep(trace) : selectSteps(file.steps, address);
  const selected = chosen.map((step) => withParent(trace, step));
  const steps =
    request.full === true
      ? await Promise.all(selected.map((step) => wholeStep(place.dir, step)))
      : selected;
  return {
    trace: {
      ...traceSummaryOf(session),
      outcome: (await source.outcomeOf?.(op, place)) ?? null,
      agents: trace.agents.flatMap(({ agent }) => (agent === null ? [] : [agent])),
    },
    steps,
    issues: [trace.main, ...trace.agents].flatMap(({ issues }) => issues),
  };
}

/** All steps in order, those of a sub-agent behind the step that started it. */
function everyStep(trace: Trace): readonly Step[] {
  const shown = stepsUnder(trace, null);
  const agents = new Set(shown.map(({ agent }) => agent));
  // Nobody is known to have started these: their parent's line has not come yet.
  const others = trace.agents.filter(({ agent }) => !agents.has(agent));
  return [...shown, ...others.flatMap(({ steps }) => steps)];
}

/** The main file, or the sub-agent's that the address names. */
function fileOf(trace: Trace, { agent, trace: id }: Address): TraceFile {
  if (agent === null) return trace.main;
  const found = trace.agents.filter((file) => file.agent?.startsWith(agent) === true);
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  const known = trace.agents.map((file) => file.agent).join(", ");
  throw new OtError("not-found", `${id} has no sub-agent "${agent}".`, {
    hint: known === "" ? "It has none at all." : `It has ${known}.`,
  });
}

/** A sub-agent's step names the step that started its agent, which another file knows. */
function withParent(trace: Trace, step: Step): Step {
  if (step.agent === null || step.parent !== null) return step;
  const starter = starterOf(trace, step.agent);
  if (starter === undefined) return step;
  const ref = { trace: traceIdOf(trace.harness, trace.nativeId), ...starter };
  return { ...step, parent: stepAddress(ref) };
}

async function wholeStep(unitDir: string, step: Step): Promise<Step> {
  const text = await readText(unitDir, step.text);
  if (step.tool === null || step.tool.output === null) return { ...step, text };
  return {
    ...step,
    text,
    tool: { ...step.tool, output: await readText(unitDir, step.tool.output) },
  };
}
