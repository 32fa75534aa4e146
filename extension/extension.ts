import * as path from "node:path";

import * as vscode from "vscode";

import { type Deps } from "./base/deps.ts";
import { DisposableStore } from "./base/disposable-store.ts";
import { EngineHandle } from "./base/engine-handle.ts";
import { channelLogger } from "./base/log.ts";
import { registerCommands } from "./commands/commands.ts";
import { registerHover } from "./editor/hover.ts";
import { registerStepDocuments } from "./editor/step-documents.ts";
import { WhySource } from "./editor/why-source.ts";
import { loadLate } from "./load-late.ts";
import { registerSessionsTree } from "./views/sessions-tree.ts";
import { TimelineView } from "./views/timeline-view.ts";

/** What the tests may look at; not an API for other extensions. */
export interface Exports {
  readonly activationMs: number;
  /** How many things are registered now; 0 once the extension was taken down. */
  readonly registrations: () => number;
}

type Features = Readonly<Record<string, () => vscode.Disposable>>;

/** The window is up by then; what nobody can ask for before waits so long. */
const afterStartMs = 50;

/** Only registers: nothing is read, spawned or connected before somebody looks. */
export function activate(context: vscode.ExtensionContext): Exports {
  const startedMs = performance.now();
  const store = new DisposableStore();
  context.subscriptions.push(store);

  const channel = store.add(vscode.window.createOutputChannel("opentraces", { log: true }));
  const log = channelLogger(channel);
  const entry = path.join(context.extensionPath, "dist", "engine.cjs");
  const engine = store.add(new EngineHandle(log, entry));
  const deps: Deps = { context, engine, log, channel };
  const why = store.add(new WhySource(deps));
  const timeline = store.add(new TimelineView(deps));

  const register = (features: Features) => {
    for (const [name, feature] of Object.entries(features)) {
      try {
        store.add(feature());
      } catch (error) {
        // One broken feature must not take the others with it.
        log.log("error", "feature.failed", { name, message: String(error) });
      }
    }
  };
  // VS Code may ask for these at once.
  register({
    commands: () => registerCommands({ ...deps, timeline, why }),
    timeline: () => timeline.register(),
    sessions: () => registerSessionsTree(deps, timeline),
    hover: () => registerHover(why),
    stepDocuments: () => registerStepDocuments(deps),
  });
  // These show or notice something by themselves.
  const registerRest = async () => {
    try {
      register((await loadLate()).featuresAfterStart(deps, why));
    } catch (error) {
      log.log("error", "features.failed", { message: String(error) });
    }
  };
  const soon = setTimeout(() => void registerRest(), afterStartMs);
  store.add({ dispose: () => clearTimeout(soon) });

  const activationMs = performance.now() - startedMs;
  log.log("info", "extension.activated", { durationMs: activationMs });
  return { activationMs, registrations: () => store.size };
}
