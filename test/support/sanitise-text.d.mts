export const NEUTRAL_TEXT: RegExp;
export function isToken(line: string): boolean;
export function isProse(line: string): boolean;
export function isFormat(line: string): boolean;
export function isOwn(line: string, own: ReadonlySet<string>): boolean;
export function textSegments(text: string): string[];
