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
  const about = facts(head).join(" · ");
  return (
    <header className="header">
      <button
        className="title"
        aria-label={`Session: ${head.title}. Choose another session.`}
        title="Choose another session"
        onClick={() => act(host, "run", { action: "pickSession" })}
      >
        {head.live && <span className="live-dot" role="img" aria-label="Live" title="Live" />}
        <span className="title-text">{head.title}</span>
        <Icon name="chevron-down" />
      </button>
      <div className="subtitle" title={about}>
        {about}
      </div>
      {head.outcome !== null && (
        <div className="outcome" title={head.outcome}>
          {head.outcome}
        </div>
      )}
    </header>
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
