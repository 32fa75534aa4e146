export const CLAUDE_VERSION: string;
export const OLD_CLAUDE_VERSION: string;
export function installClaude(version?: string): Promise<string>;
