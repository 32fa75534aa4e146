import "./timeline.css";

import { createRoot } from "react-dom/client";

import type { TimelineContract } from "../../protocol/timeline.ts";
import { ErrorBoundary } from "../../shared/error-boundary.tsx";
import { connectHost, vscodeChannel } from "../../shared/host.ts";
import { Timeline } from "./timeline.tsx";

const root = document.getElementById("root");
if (root !== null) {
  const host = connectHost<TimelineContract>(
    vscodeChannel(JSON.parse(root.dataset["state"] ?? "null")),
  );
  createRoot(root).render(
    <ErrorBoundary>
      <Timeline host={host} />
    </ErrorBoundary>,
  );
}
