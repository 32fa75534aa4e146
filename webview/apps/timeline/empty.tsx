import type { EmptyState, TimelineAction, TimelineContract } from "../../protocol/timeline.ts";
import { act } from "../../shared/act.ts";
import type { Host } from "../../shared/host.ts";
import { Icon } from "../../shared/icon.tsx";
import { Button } from "../../shared/primitives/button.tsx";

interface Words {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
  readonly actions: readonly (readonly [TimelineAction, string])[];
}

const words: Readonly<Record<EmptyState, Words>> = {
  "no-folder": {
    icon: "folder",
    title: "No folder is open",
    text: "Open the folder that your coding agent works in to see its sessions here.",
    actions: [["openFolder", "Open Folder"]],
  },
  "no-repository": {
    icon: "source-control",
    title: "This folder is not a Git repository",
    text: "Sessions are shown anyway once there are some; line owners and fates need Git.",
    actions: [["initRepository", "Initialize Repository"]],
  },
  "bare-repository": {
    icon: "source-control",
    title: "This repository has no working tree",
    text: "A bare repository has no files that an agent could edit. Open a working copy of it.",
    actions: [["openFolder", "Open Folder"]],
  },
  unasked: {
    icon: "history",
    title: "Record agent sessions in this repository?",
    text:
      "opentraces keeps what coding agents saw, did and changed here, on this machine only. " +
      "Nothing leaves it until you approve it.",
    actions: [
      ["setUpCapture", "Set Up Capture"],
      ["importSessions", "Only Import Past Sessions"],
    ],
  },
  "no-session": {
    icon: "history",
    title: "No session here yet",
    text: "Start a coding agent in this folder, or import what it has done here before.",
    actions: [["importSessions", "Import Past Sessions"]],
  },
  paused: {
    icon: "debug-pause",
    title: "Capture is paused for this repository",
    text: "Nothing is recorded until you resume. What was recorded before is kept.",
    actions: [["resumeCapture", "Resume Capture"]],
  },
  excluded: {
    icon: "circle-slash",
    title: "This repository is not recorded",
    text: "You chose to leave it out. You can change that at any time.",
    actions: [["setUpCapture", "Record This Repository"]],
  },
  "engine-failed": {
    icon: "error",
    title: "The engine did not start",
    text: "The log says why.",
    actions: [
      ["retry", "Try Again"],
      ["showLog", "Show Log"],
    ],
  },
};

interface Props {
  readonly host: Host<TimelineContract>;
  readonly why: EmptyState;
  readonly message: string | null;
}

/** Why there is nothing to see, and the one thing that changes it. */
export function Empty({ host, why, message }: Props) {
  const { icon, title, text, actions } = words[why];
  return (
    <div className="empty">
      <div className="empty-icon">
        <Icon name={icon} />
      </div>
      <h2>{title}</h2>
      <p>{message ?? text}</p>
      {actions.map(([action, label], i) => (
        <Button key={action} secondary={i > 0} onPress={() => act(host, "run", { action })}>
          {label}
        </Button>
      ))}
    </div>
  );
}
