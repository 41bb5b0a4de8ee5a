const encoder = new TextEncoder();

/**
 * Canonical JSON (RFC 8785) as UTF-8: what documents are signed over and digests are taken of. A property that is `undefined` is left
 * out, and in a list it is null. Throws TypeError for what has no canonical JSON: `undefined`, a function, a bigint, NaN or Infinity.
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

function canonicalText(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean' || value === null) return `${value}`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (typeof value !== 'object') throw new TypeError(`${String(value)} has no canonical JSON`);
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalText(value.toJSON());
  return Array.isArray(value) ? listText(value) : objectText(value as Readonly<Record<string, unknown>>);
}

function listText(list: readonly unknown[]): string {
  let text = '';
  for (const one of list) text += `${text && ','}${one === undefined ? 'null' : canonicalText(one)}`;
  return `[${text}]`;
}

function objectText(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value !== undefined) text += `${text && ','}${quoted(name)}:${canonicalText(value)}`;
  }
  return `{${text}}`;
}

/** What JSON writes as it is. A pair of surrogates would be, too, but half of one is not. */
const PLAIN = /^[^"\\\p{Cc}\ud800-\udfff]*$/u;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
