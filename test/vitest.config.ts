import { defineConfig } from "vitest/config";

const windowMsMax = 120_000;
// The processes below a test are guarded as well: VS Code's server, its extension host, the engine.
const setupFiles = ["test/support/guarded-children.mjs"];

export default defineConfig({
  test: {
    // By default one core is left idle, which on two cores doubles the time.
    maxWorkers: "100%",
    // A golden file that is missing fails its test instead of being written by it.
    update: "none",
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/{unit,golden,git-scenarios,fuzz}/**/*.test.{ts,tsx}"],
          setupFiles,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "vscode",
          include: ["test/vscode/*.test.ts"],
          setupFiles,
          // A window takes both cores; two at once are slower than one after the other.
          fileParallelism: false,
          testTimeout: windowMsMax,
          hookTimeout: windowMsMax,
        },
      },
      {
        test: {
          name: "agents",
          include: ["test/agents/*.test.ts"],
          setupFiles,
          fileParallelism: false,
          testTimeout: windowMsMax,
          hookTimeout: windowMsMax,
        },
      },
    ],
  },
});
