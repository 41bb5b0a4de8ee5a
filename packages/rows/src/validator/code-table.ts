import { escapeText } from '../field-text.js';
import type { BytesCheck, ValueCheck } from './identifier-bytes.js';

/** A lookup of codes by their row text: open addressing, compared byte by byte. */
export function codeLookup(codes: readonly string[]): ValueCheck {
  const texts = codes.map((code) => Buffer.from(escapeText(code)));
  const length = texts.every((text) => text.length === texts[0]!.length) ? texts[0]?.length : undefined;
  if (length === 2) return { check: pairLookup(texts), length };
  return { check: hashLookup(texts), length };
}

/** Codes of two bytes, the most common kind, need no hashing. */
function pairLookup(texts: readonly Buffer[]): BytesCheck {
  const known = new Uint8Array(65_536);
  for (const text of texts) known[(text[0]! << 8) | text[1]!] = 1;
  return (b, start, end) => end - start === 2 && known[(b[start]! << 8) | b[start + 1]!] === 1;
}

function hashLookup(texts: readonly Buffer[]): BytesCheck {
  const size = 2 ** Math.ceil(Math.log2(Math.max(texts.length, 1) * 4));
  const mask = size - 1;
  const slots = new Int32Array(size); // code number + 1; 0 is free
  const starts = new Int32Array(texts.length + 1);
  const pool = new Uint8Array(Buffer.concat(texts));
  texts.forEach((text, i) => {
    starts[i + 1] = starts[i]! + text.length;
    let slot = hashBytes(text, 0, text.length) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = i + 1;
  });
  return (b, start, end) => {
    const length = end - start;
    let slot = hashBytes(b, start, end) & mask;
    for (;;) {
      const code = slots[slot]!;
      if (code === 0) return false;
      const from = starts[code - 1]!;
      if (starts[code]! - from === length) {
        let i = 0;
        while (i < length && pool[from + i] === b[start + i]) i++;
        if (i === length) return true;
      }
      slot = (slot + 1) & mask;
    }
  };
}

function hashBytes(b: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let p = start; p < end; p++) hash = Math.imul(hash ^ b[p]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
