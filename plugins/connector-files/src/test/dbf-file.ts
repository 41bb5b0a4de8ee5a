/** Bytes of a DBF of text fields, as dBase III writes it; records begin with their deletion mark. */
export function dbfFile(
  version: number,
  fields: readonly { name: string; type: string; length: number; decimals?: number }[],
  records: readonly string[],
): Buffer {
  const recordBytes = 1 + fields.reduce((sum, { length }) => sum + length, 0);
  const headerBytes = 32 + 32 * fields.length + 1;
  const header = Buffer.alloc(headerBytes);
  header[0] = version;
  header.writeUInt32LE(records.length, 4);
  header.writeUInt16LE(headerBytes, 8);
  header.writeUInt16LE(recordBytes, 10);
  for (const [at, { name, type, length, decimals = 0 }] of fields.entries()) {
    const offset = 32 + 32 * at;
    header.write(name, offset, 'latin1');
    header.write(type, offset + 11, 'latin1');
    header[offset + 16] = length;
    header[offset + 17] = decimals;
  }
  header[headerBytes - 1] = 0x0d;
  const rows = records.map((record) => Buffer.from(record.padEnd(recordBytes), 'latin1'));
  return Buffer.concat([header, ...rows, Buffer.from([0x1a])]);
}

interface MemoBytes {
  readonly bytes: Buffer;
  readonly blocks: readonly number[];
}

/** FoxPro's file of long texts, in blocks of 64 bytes. */
export function fptFile(texts: readonly Buffer[]): MemoBytes {
  const head = Buffer.alloc(512);
  head.writeUInt16BE(64, 6);
  return inBlocks(head, 64, texts, (text) => {
    const start = Buffer.alloc(8);
    start.writeUInt32BE(1, 0);
    start.writeUInt32BE(text.length, 4);
    return Buffer.concat([start, text]);
  });
}

/** dBase III's, in blocks of 512 bytes. */
export function dbtFile(texts: readonly Buffer[]): MemoBytes {
  return inBlocks(Buffer.alloc(512), 512, texts, (text) => Buffer.concat([text, Buffer.from([0x1a, 0x1a])]));
}

function inBlocks(
  head: Buffer,
  size: number,
  texts: readonly Buffer[],
  entryOf: (text: Buffer) => Buffer,
): MemoBytes {
  const parts = [head];
  const blocks: number[] = [];
  let at = head.length;
  for (const text of texts) {
    const entry = entryOf(text);
    const length = Math.ceil(entry.length / size) * size;
    blocks.push(at / size);
    parts.push(entry, Buffer.alloc(length - entry.length));
    at += length;
  }
  return { bytes: Buffer.concat(parts), blocks };
}
