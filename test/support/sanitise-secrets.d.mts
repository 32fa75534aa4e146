export const PLANTED_SECRETS: ReadonlyMap<string, string>;
export function hideSecrets(text: string): string;
export function expandSecrets(text: string): string;
