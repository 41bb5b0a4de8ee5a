/** The text of UTF-8 bytes, a byte order mark left off; or the line, from 1, of the first bytes that are none. */
export function readUtf8(bytes: Uint8Array): { readonly text: string } | { readonly wrongLine: number } {
  const text = decode(bytes);
  if (text !== undefined) return { text };
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(LF, from);
    // LF is never part of a longer sequence: each line is UTF-8 or not by itself
    if (end === -1 || decode(bytes.subarray(from, end)) === undefined) return { wrongLine: line };
    from = end + 1;
  }
}

const LF = 10;

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
