export function isClientPlace(place: string): boolean;
export function kindOf(record: Readonly<Record<string, unknown>>): string;
export function mapTexts<T>(
  value: T,
  place: string,
  change: (text: string, place: string) => string,
  key?: (name: string) => string,
): T;
