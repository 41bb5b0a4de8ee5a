import canonicalizeJson from 'canonicalize';

const encoder = new TextEncoder();

/** Canonical JSON (RFC 8785) as UTF-8: what documents are signed over and digests are taken of. */
export function canonicalBytes(value: unknown): Uint8Array {
  // The package is CommonJS with a default export; types and Node disagree on the shape.
  const canonicalize = canonicalizeJson as unknown as (input: unknown) => string | undefined;
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('undefined has no canonical JSON');
  return encoder.encode(text);
}
