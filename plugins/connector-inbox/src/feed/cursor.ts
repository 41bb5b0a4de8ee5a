/**
 * Where a reader is: behind the change `at`. While it reads the records as they are (`at` < `base`) what came to be before `base` is
 * not told change by change.
 */
export interface Place {
  readonly at: number;
  readonly base: number;
}

/** `origin` tells one inbox from another, and from one made anew. */
export function cursorText(origin: string, { at, base }: Place): string {
  return at < base ? `${origin}.${at}.${base}` : `${origin}.${at}`;
}

/** Undefined for a text that is no cursor of this inbox. */
export function placeOf(cursor: string, origin: string): Place | undefined {
  const match = /^([0-9a-f]{8})\.(\d{1,15})(?:\.(\d{1,15}))?$/.exec(cursor);
  return match?.[1] === origin ? { at: Number(match[2]), base: Number(match[3] ?? 0) } : undefined;
}
