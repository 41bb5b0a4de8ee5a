/** Reads a piece of binary log from its beginning; no length found in it leads outside of it. */
export interface Bytes {
  readonly at: number;
  readonly left: number;
  /** Little-endian, up to six bytes. */
  unsigned(length: number): number;
  big(): bigint;
  /** Of MySQL's packed form. */
  packed(): number;
  take(length: number): Buffer;
  skip(length: number): void;
  /** Whatever is left. */
  rest(): Buffer;
}

/** Thrown where a length is not true. */
export class BrokenBytes extends Error {
  override readonly name = 'BrokenBytes';
}

export function bytesOf(buffer: Buffer): Bytes {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > buffer.length)
      throw new BrokenBytes(`${length} bytes at ${at} of ${buffer.length}`);
    at += length;
    return buffer.subarray(at - length, at);
  };
  const unsigned = (length: number): number => take(length).readUIntLE(0, length);
  const big = () => take(8).readBigUInt64LE();
  return {
    get at() {
      return at;
    },
    get left() {
      return buffer.length - at;
    },
    unsigned,
    big,
    packed() {
      const first = unsigned(1);
      if (first < 0xfb) return first;
      if (first === 0xfc) return unsigned(2);
      if (first === 0xfd) return unsigned(3);
      if (first !== 0xfe) throw new BrokenBytes(`no packed number at ${at - 1}`);
      const found = big();
      if (found > BigInt(Number.MAX_SAFE_INTEGER)) throw new BrokenBytes(`a packed number of ${found}`);
      return Number(found);
    },
    take,
    skip: (length) => void take(length),
    rest: () => take(buffer.length - at),
  };
}

/** Whether the bit is set, counted from the lowest of the first byte. */
export function bitAt(bits: Buffer, at: number): boolean {
  return ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}
