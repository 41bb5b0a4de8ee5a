import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { enterpriseRows } from '../chain/enterprise.js';

/** Rows of row text. */
export interface Load {
  readonly rows: number;
  readonly bytes: Buffer;
}

/** Changed rows, both as a sink and as a native loader gets them. */
export interface Changes {
  readonly rows: number;
  /** Ops U. */
  readonly load: Load;
  readonly file: string;
}

/** What all connectors of the bench carry: `enterprise`, as parts of a snapshot and as a file of the same lines without op. */
export interface Freight {
  readonly rows: number;
  readonly parts: readonly Load[];
  /** COPY text: fields by TAB, `\N` for NULL. */
  readonly file: string;
  /** Every tenth row with a note that it never had before. */
  change(): Promise<Changes>;
}

/** As many rows as a batch of the chain has. */
const PART_ROWS = 35_000;
const CHANGED_SHARE = 10;

export async function makeFreight(folder: string, rows: number): Promise<Freight> {
  const parts: Load[] = [];
  for (let from = 0; from < rows; from += PART_ROWS) {
    const to = Math.min(from + PART_ROWS, rows);
    parts.push({ rows: to - from, bytes: withOp('S', Buffer.concat([...enterpriseRows(from, to)])) });
  }
  const file = join(folder, 'enterprise.txt');
  const lines = (function* () {
    for (const { bytes } of parts) yield bytes.toString().replace(/^S\t/gm, '');
  })();
  await pipeline(Readable.from(lines), createWriteStream(file));
  const sample = parts
    .flatMap(({ bytes }) => bytes.toString().split('\n').slice(0, -1))
    .filter((_, at) => at % CHANGED_SHARE === 0)
    .map((line) => line.slice(2, line.lastIndexOf('\t')));
  let version = 0;
  return {
    rows,
    parts,
    file,
    async change() {
      version++;
      const text = sample.map((line) => `${line}\t改${version}\n`).join('');
      const changes = join(folder, 'changes.txt');
      await writeFile(changes, text);
      return {
        rows: sample.length,
        load: { rows: sample.length, bytes: withOp('U', Buffer.from(text)) },
        file: changes,
      };
    },
  };
}

function withOp(op: string, text: Buffer): Buffer {
  return Buffer.from(text.toString().replace(/^(?=.)/gm, `${op}\t`));
}
