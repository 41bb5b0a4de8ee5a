/** A place in the write-ahead log, as PostgreSQL prints it: `16/B374D848`. */
export function positionOf(text: string): bigint {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high || '0'}`) << 32n) | BigInt(`0x${low || '0'}`);
}

export function positionText(position: bigint): string {
  const hex = (part: bigint) => part.toString(16).toUpperCase();
  return `${hex(position >> 32n)}/${hex(position & 0xffffffffn)}`;
}

const PAGE_HEADER = 40n;

/** Nothing can be read up to a position inside a page's header that no record follows yet: the page's beginning is as far. */
export function reachable(position: bigint, pageBytes: bigint): bigint {
  const within = position % pageBytes;
  return within <= PAGE_HEADER ? position - within : position;
}
