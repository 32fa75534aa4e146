import { type KeyboardEvent, useEffect, useRef, useState } from "react";

import type { TimelineFilter, TimelineHead } from "../../protocol/timeline.ts";
import { count } from "../../shared/format.ts";
import { Icon } from "../../shared/icon.tsx";
import { SearchField } from "../../shared/primitives/search-field.tsx";
import type { View } from "./view-memory.ts";

interface Props {
  readonly counts: TimelineHead["counts"];
  readonly view: View;
  readonly searching: boolean;
  readonly onView: (view: View) => void;
  readonly onSearching: (searching: boolean) => void;
}

const chips: readonly (readonly [TimelineFilter, string])[] = [
  ["all", "All"],
  ["edits", "Edits"],
  ["commands", "Commands"],
  ["failed", "Failed"],
];
const typingMs = 150;

export function Filters({ counts, view, searching, onView, onSearching }: Props) {
  const close = () => {
    onView({ ...view, query: "" });
    onSearching(false);
  };
  return (
    <div className="filters">
      <div className="chips">
        <div
          className="chip-group"
          role="radiogroup"
          aria-label="Steps to show"
          onKeyDown={moveFocus}
        >
          {chips.map(([filter, label]) => (
            <button
              key={filter}
              className="chip"
              role="radio"
              aria-checked={view.filter === filter}
              tabIndex={view.filter === filter ? 0 : -1}
              onClick={() => onView({ ...view, filter })}
            >
              {label}
              {filter !== "all" && <span className="chip-count">{count(counts[filter])}</span>}
            </button>
          ))}
        </div>
        <button
          className="chip icon"
          aria-label="Search in this session"
          title="Search in this session (/)"
          aria-pressed={searching}
          onClick={() => (searching ? close() : onSearching(true))}
        >
          <Icon name="search" />
        </button>
      </div>
      {searching && <Search view={view} onView={onView} onClose={close} />}
    </div>
  );
}

/** As in every group of radio buttons: one tab stop, arrows move and choose. */
function moveFocus(event: KeyboardEvent): void {
  const step = ["ArrowRight", "ArrowDown"].includes(event.key)
    ? 1
    : ["ArrowLeft", "ArrowUp"].includes(event.key)
      ? -1
      : 0;
  if (step === 0) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === event.target);
  const next = buttons[(at + step + buttons.length) % buttons.length];
  next?.focus();
  next?.click();
}

interface SearchProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onClose: () => void;
}

/** Asks once the typing rests. */
function Search({ view, onView, onClose }: SearchProps) {
  const [text, setText] = useState(view.query);
  const latest = useRef({ view, onView });
  latest.current = { view, onView };

  useEffect(() => {
    const timer = setTimeout(() => {
      const { view: before, onView: tell } = latest.current;
      if (text !== before.query) tell({ ...before, query: text });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <SearchField
      label="Search prompts, paths, commands"
      value={text}
      onChange={setText}
      onClose={onClose}
    />
  );
}
