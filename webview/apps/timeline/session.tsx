import { useCallback, useEffect, useRef, useState } from "react";

import type { Reveal, TimelineContract, TimelineHead } from "../../protocol/timeline.ts";
import type { Host } from "../../shared/host.ts";
import { Announcer } from "./announcer.tsx";
import { Filters } from "./filters.tsx";
import { Header } from "./header.tsx";
import { RowList, type RowListHandle } from "./row-list.tsx";
import { Strip } from "./strip.tsx";
import { isWhole, type View, type ViewMemory } from "./view-memory.ts";

interface Props {
  readonly host: Host<TimelineContract>;
  readonly memory: ViewMemory;
  readonly head: TimelineHead;
  /** What `head` is about; `view` is what the person asked for last. */
  readonly drawn: View;
  readonly view: View;
  readonly reveal: Reveal | null;
  readonly onView: (view: View) => void;
  readonly onRevealed: (serial: number) => void;
}

export function Session(props: Props) {
  const { host, memory, head, drawn, view, reveal } = props;
  const [searching, setSearching] = useState(view.query !== "");
  const list = useRef<RowListHandle>(null);
  const goToRow = useCallback((row: number) => list.current?.goToRow(row), []);
  const showEverything = () => {
    setSearching(false);
    props.onView({ filter: "all", query: "" });
  };

  useReveal(reveal, drawn, {
    goTo: (row, child) => list.current?.reveal(row, child),
    showEverything,
    onRevealed: props.onRevealed,
  });

  return (
    <div className="session">
      <Header host={host} head={head} />
      <Filters
        counts={head.counts}
        view={view}
        searching={searching}
        onView={props.onView}
        onSearching={(next) => {
          setSearching(next);
          if (!next) list.current?.focus();
        }}
      />
      <Strip points={head.points} marks={head.marks} onRow={goToRow} />
      <RowList
        key={`${drawn.filter}/${drawn.query}`}
        ref={list}
        host={host}
        memory={memory}
        head={head}
        view={drawn}
        onSearch={() => setSearching(true)}
      />
      <Announcer prompts={promptsOf(head, drawn)} live={head.live} />
    </div>
  );
}

/** Null while a filter hides some: then a count says nothing about new ones. */
function promptsOf(head: TimelineHead, drawn: View): number | null {
  return isWhole(drawn) ? head.turnRows.length : null;
}

interface Revealing {
  readonly goTo: (row: number, child: number) => void;
  readonly showEverything: () => void;
  readonly onRevealed: (serial: number) => void;
}

/** Shows a step that was asked for elsewhere, once; a filter that hides it is taken away first. */
function useReveal(reveal: Reveal | null, drawn: View, revealing: Revealing): void {
  const done = useRef(0);
  useEffect(() => {
    if (reveal === null || reveal.serial === done.current) return;
    if (reveal.row === null && !isWhole(drawn)) return revealing.showEverything();
    done.current = reveal.serial;
    revealing.onRevealed(reveal.serial);
    if (reveal.row !== null) revealing.goTo(reveal.row, reveal.child);
  });
}
