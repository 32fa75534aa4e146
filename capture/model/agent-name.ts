const names: Readonly<Record<string, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  pi: "Pi",
  terminal: "Terminal",
};

/** What people call the agent of a session; the harness's own id where it has no name here. */
export function agentName(harness: string): string {
  return names[harness] ?? harness;
}
