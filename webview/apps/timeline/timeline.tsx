import { useRef, useState } from "react";

import type { TimelineContract } from "../../protocol/timeline.ts";
import { Delayed } from "../../shared/delayed.tsx";
import { Button } from "../../shared/primitives/button.tsx";
import { ProgressRing } from "../../shared/primitives/progress-ring.tsx";
import type { Host } from "../../shared/host.ts";
import { Empty } from "./empty.tsx";
import { Session } from "./session.tsx";
import { useStart } from "./use-start.ts";
import { type View, ViewMemory } from "./view-memory.ts";

/** The whole view: asks what to show, and asks again whenever the host says that it changed. */
export function Timeline({ host }: { readonly host: Host<TimelineContract> }) {
  const [memory] = useState(() => new ViewMemory(host));
  const [view, setView] = useState(memory.view);
  const revealed = useRef(0);
  const { started, askAgain } = useStart(host, view, revealed);
  const show = (next: View) => {
    memory.saveView(next);
    setView(next);
  };

  switch (started.state) {
    case "loading":
      return (
        <Delayed>
          <div className="centred" role="status">
            <ProgressRing label="Loading the timeline" />
            Loading the timeline
          </div>
        </Delayed>
      );
    case "failed":
      return (
        <div className="notice" role="alert">
          <p>{started.message}</p>
          {started.hint !== null && <p className="dim">{started.hint}</p>}
          <Button onPress={askAgain}>Try again</Button>
        </div>
      );
    case "ready":
      return started.start.state === "empty" ? (
        <Empty host={host} why={started.start.why} message={started.start.message} />
      ) : (
        <Session
          key={started.start.head.trace}
          host={host}
          memory={memory}
          head={started.start.head}
          drawn={started.view}
          view={view}
          reveal={started.start.reveal}
          onView={show}
          onRevealed={(serial) => {
            revealed.current = serial;
          }}
        />
      );
  }
}
