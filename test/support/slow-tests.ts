import { vi } from "vitest";

// Each scenario starts many git processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });
