import { type PointerEvent, useMemo, useRef } from "react";

import { plural } from "../../../capture/base/words.ts";
import type { StripMark, StripPoint } from "../../protocol/timeline.ts";
import { count } from "../../shared/format.ts";
import { pauseShorteningScale } from "./scale.ts";
import { densities, type Density, isDense } from "./strip-density.ts";

const width = 1_000;
const height = 30;
const lineHeight = 18;
/** Edits stand above this line and failures below it: no mark is told by its colour alone. */
const middle = 24.5;
const tickHeight = 3.5;
/** Many marks need more room to tell anything. */
const dense = { lineHeight: 13, middle: 22, laneHeight: 7 };

interface Props {
  readonly points: readonly StripPoint[];
  readonly marks: readonly StripMark[];
  readonly onRow: (row: number) => void;
}

/** Context size over time, with what happened below it; a click moves the list. */
export function Strip({ points, marks, onRow }: Props) {
  const element = useRef<SVGSVGElement>(null);
  const drawn = useMemo(() => draw(points, marks), [points, marks]);
  if (points.length === 0 && marks.length === 0) return null;

  const goTo = (event: PointerEvent) => {
    const box = element.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const x = ((event.clientX - box.left) / box.width) * width;
    const nearest = drawn.stops.reduce<Stop | null>(
      (best, stop) => (best === null || Math.abs(stop.x - x) < Math.abs(best.x - x) ? stop : best),
      null,
    );
    if (nearest !== null) onRow(nearest.row);
  };

  return (
    <svg
      ref={element}
      className="strip"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={drawn.label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        goTo(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) goTo(event);
      }}
    >
      <polyline className="strip-line" points={drawn.line} />
      {drawn.bars.map((bar) => (
        <Bar key={bar.x} bar={bar} />
      ))}
      {drawn.ticks.map(({ x, kind, key }) => (
        <line key={key} className={`strip-tick ${kind}`} x1={x} x2={x} {...reach[kind]} />
      ))}
    </svg>
  );
}

const reach = {
  edit: { y1: middle - tickHeight - 0.5, y2: middle - 0.5 },
  failure: { y1: middle + 0.5, y2: middle + tickHeight + 0.5 },
  commit: { y1: middle - 5, y2: height },
  compaction: { y1: 0, y2: height },
} as const satisfies Record<StripMark["kind"], { y1: number; y2: number }>;

/** Many marks at once: edits grow upwards, failures downwards, as a histogram and its mirror. */
function Bar({ bar }: { readonly bar: Density }) {
  const { x, width: wide } = bar;
  const up = bar.edits * dense.laneHeight;
  const down = bar.failures * dense.laneHeight;
  return (
    <>
      {up > 0 && (
        <rect className="strip-bar edit" x={x} y={dense.middle - up} width={wide} height={up} />
      )}
      {down > 0 && (
        <rect className="strip-bar failure" x={x} y={dense.middle + 1} width={wide} height={down} />
      )}
    </>
  );
}

interface Stop {
  readonly x: number;
  readonly row: number;
}

function draw(points: readonly StripPoint[], marks: readonly StripMark[]) {
  const scale = pauseShorteningScale([...points, ...marks].map(({ atMs }) => atMs));
  const tokensMax = Math.max(1, ...points.map(({ tokens }) => tokens));
  const at = (atMs: number) => 2 + scale.at(atMs) * (width - 4);
  const placed = marks.map(({ atMs, kind }, i) => ({ x: at(atMs), kind, key: `${kind}${i}` }));
  const isCrowded = isDense(placed);
  const bottom = isCrowded ? dense.lineHeight : lineHeight;
  const y = (tokens: number) => bottom - (tokens / tokensMax) * (bottom - 2);
  const failures = marks.filter(({ kind }) => kind === "failure").length;
  const edits = marks.filter(({ kind }) => kind === "edit").length;

  return {
    line: points.map(({ atMs, tokens }) => `${at(atMs)},${y(tokens)}`).join(" "),
    bars: isCrowded ? densities(placed, width) : [],
    ticks: isCrowded
      ? placed.filter(({ kind }) => kind === "commit" || kind === "compaction")
      : placed,
    stops: [...points, ...marks].map(({ atMs, row }): Stop => ({ x: at(atMs), row })),
    label:
      `Context size over time, at most ${count(tokensMax)} tokens; ` +
      `${plural(edits, "edit")}, ${plural(failures, "failure")}`,
  };
}
