import { Fragment } from "react";

import { agentName } from "../../../capture/model/agent-name.ts";
import type { TimelineContract, TimelineHead } from "../../protocol/timeline.ts";
import { clockTime, count, day, duration } from "../../shared/format.ts";
import { act } from "../../shared/act.ts";
import type { Host } from "../../shared/host.ts";
import { Icon } from "../../shared/icon.tsx";
import { modelName } from "./glyphs.ts";

interface Props {
  readonly host: Host<TimelineContract>;
  readonly head: TimelineHead;
}

export function Header({ host, head }: Props) {
  return (
    <header className="header">
      <button
        className="title"
        aria-label={`Session: ${head.title}. Choose another session.`}
        title="Choose another session"
        onClick={() => act(host, "run", { action: "pickSession" })}
      >
        {head.live && <span className="live-dot" role="img" aria-label="Live" title="Live" />}
        <span className="title-text" dir="auto">
          {head.title}
        </span>
        <Icon name="chevron-down" />
      </button>
      <Facts className="subtitle" facts={facts(head)} />
      {head.outcome !== null && <Facts className="outcome" facts={head.outcome.split(separator)} />}
    </header>
  );
}

const separator = " · ";

/** Facts in a row, which breaks between two of them and not within one. */
function Facts(props: { readonly className: string; readonly facts: readonly string[] }) {
  return (
    <div className={props.className}>
      {props.facts.map((fact, i) => (
        <Fragment key={fact}>
          {i > 0 && separator}
          <span className="fact">{fact}</span>
        </Fragment>
      ))}
    </div>
  );
}

function facts(head: TimelineHead): string[] {
  const all = [agentName(head.harness)];
  if (head.model !== null) all.push(modelName(head.model));
  if (head.startedAtMs !== null) all.push(startOf(head.startedAtMs));
  if (head.startedAtMs !== null && head.endedAtMs !== null) {
    all.push(duration(head.endedAtMs - head.startedAtMs));
  }
  if (head.contextTokens !== null) all.push(`${count(head.contextTokens)} ctx`);
  return all;
}

function startOf(atMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date().toDateString();
  return isToday ? clockTime(atMs) : `${day(atMs)} ${clockTime(atMs)}`;
}
