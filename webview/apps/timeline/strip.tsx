import { type PointerEvent, useMemo, useRef } from "react";

import type { StripMark, StripPoint } from "../../protocol/timeline.ts";
import { count } from "../../shared/format.ts";
import { pauseShorteningScale } from "./scale.ts";

const width = 1_000;
const lineHeight = 22;
const height = 30;
const denseTicks = 120;

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
      {drawn.ticks.map(({ x, kind, key }) =>
        kind === "compaction" ? (
          <line key={key} className="strip-compaction" x1={x} x2={x} y1={0} y2={height} />
        ) : (
          <line
            key={key}
            className={tickClass(kind, drawn.ticks.length)}
            x1={x}
            x2={x}
            y1={25}
            y2={height}
          />
        ),
      )}
    </svg>
  );
}

/** Many ticks are drawn thin, so that they do not run together. */
function tickClass(kind: StripMark["kind"], count: number): string {
  return count > denseTicks ? `strip-tick dense ${kind}` : `strip-tick ${kind}`;
}

interface Stop {
  readonly x: number;
  readonly row: number;
}

function draw(points: readonly StripPoint[], marks: readonly StripMark[]) {
  const scale = pauseShorteningScale([...points, ...marks].map(({ atMs }) => atMs));
  const tokensMax = Math.max(1, ...points.map(({ tokens }) => tokens));
  const at = (atMs: number) => 2 + scale.at(atMs) * (width - 4);
  const y = (tokens: number) => lineHeight - (tokens / tokensMax) * (lineHeight - 2);
  const failures = marks.filter(({ kind }) => kind === "failure").length;
  const edits = marks.filter(({ kind }) => kind === "edit").length;

  return {
    line: points.map(({ atMs, tokens }) => `${at(atMs)},${y(tokens)}`).join(" "),
    ticks: marks.map(({ atMs, kind }, i) => ({ x: at(atMs), kind, key: `${kind}${i}` })),
    stops: [...points, ...marks].map(({ atMs, row }): Stop => ({ x: at(atMs), row })),
    label:
      `Context size over time, at most ${count(tokensMax)} tokens; ` +
      `${edits} edits, ${failures} failures`,
  };
}
