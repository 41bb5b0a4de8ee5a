import type { FileHandle } from 'node:fs/promises';
import type { Encoding, FilesSource } from '../config.js';
import { filesErrors } from '../errors.js';
import { encodingOf } from '../text/encoding.js';
import { readText } from '../text/text-input.js';
import { createCsvScanner, fieldText, INCOMPLETE } from './csv-scanner.js';
import type { FileColumn, Place, RecordTaker, TableFile } from './table-file.js';

const LF = 10;
/** A record of several lines that is not closed within this is taken for a stray quote. */
const RECORD_BYTES = 8 * 1024 * 1024;
const CANDIDATES = [',', '\t', '|', ';', '^', '\x01'];

/** What opening a text file needs to know of it. */
export interface OpenText {
  readonly file: FileHandle;
  readonly path: string;
  readonly spec: FilesSource;
  readonly tabs: boolean;
}

/** Opens CSV or TSV: encoding, delimiter and column names are known then. */
export async function openCsv({ file, path, spec, tabs }: OpenText, signal: AbortSignal): Promise<TableFile> {
  const { encoding, bomBytes } = await encodingOf(file, spec.encoding, signal);
  const first = await firstLines(file, encoding, bomBytes, signal);
  const quote = spec.quote === '' ? -1 : spec.quote.charCodeAt(0);
  const declared = spec.delimiter ?? (tabs ? '\t' : ',');
  const delimiter = declared === 'auto' ? guessDelimiter(first, quote) : declared;
  const dialect = { delimiter: delimiter.charCodeAt(0), quote };
  const scanner = createCsvScanner(dialect);
  const end = scanner.next(first, 0, first.length, true);
  const names = Array.from({ length: end === 0 ? 0 : scanner.fields.count }, (_, at) =>
    fieldText(scanner.fields, at, quote).trim(),
  );
  if (spec.header && (end === 0 || names.every((name) => name === '')))
    throw filesErrors.HEADER_MISSING({ path });
  const headerLines = spec.header ? Math.max(scanner.lines, 1) : 0;
  const begin: Place = { offset: bomBytes, skip: headerLines, line: headerLines + 1 };
  const shown = delimiter === '\t' ? 'TAB' : delimiter;
  return {
    columns: names.map((name, at): FileColumn => ({ name: spec.header ? name : String(at + 1) })),
    about: `${tabs ? 'TSV' : 'CSV'}, ${encoding}${bomBytes > 0 ? ' BOM' : ''}, ${shown}`,
    records: (taker, from, signal) =>
      records(createCsvScanner(dialect), file, encoding, taker, from ?? begin, signal),
    close: () => file.close(),
  };
}

async function firstLines(
  file: FileHandle,
  encoding: Encoding,
  from: number,
  signal: AbortSignal,
): Promise<Buffer> {
  for await (const { text } of readText(file, encoding, from, signal)) return Buffer.from(text);
  return Buffer.alloc(0);
}

/** Of the usual ones the one that parts the first line most often. */
function guessDelimiter(first: Buffer, quote: number): string {
  const counts = CANDIDATES.map((candidate) => {
    const scanner = createCsvScanner({ delimiter: candidate.charCodeAt(0), quote });
    scanner.next(first, 0, first.length, true);
    return { candidate, count: scanner.fields.count };
  });
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).candidate;
}

async function* records(
  scanner: ReturnType<typeof createCsvScanner>,
  file: FileHandle,
  encoding: Encoding,
  taker: RecordTaker,
  from: Place,
  signal: AbortSignal,
): AsyncGenerator<Place> {
  let { line } = from;
  let toSkip = from.skip;
  /** Number of the first line of the chunk: places are counted from there. */
  let chunkLine = line - toSkip;
  let held: Buffer = Buffer.alloc(0);
  let heldValid = true;
  for await (const chunk of readText(file, encoding, from.offset, signal)) {
    if (chunk.overlong > 0) {
      if (held.length > 0) {
        taker.bad('malformed', line, held);
        line += linesIn(held);
        held = Buffer.alloc(0);
      }
      for (let n = 0; n < chunk.overlong; n++) taker.bad('row-too-large', line++);
      chunkLine += chunk.overlong;
    }
    const data = held.length > 0 ? Buffer.concat([held, chunk.text]) : chunk.text;
    const valid: boolean = heldValid && chunk.valid;
    let at = 0;
    for (; toSkip > 0 && at < data.length; toSkip--) at = data.indexOf(LF, at) + 1 || data.length;
    while (at < data.length) {
      let end = scanner.next(data, at, data.length, chunk.last);
      if (end === INCOMPLETE && data.length - at <= RECORD_BYTES) break;
      if (end === INCOMPLETE || scanner.unclosed) {
        // a quote that nobody closes: its line alone is refused, what follows are records again
        end = data.indexOf(LF, at) + 1 || data.length;
        taker.bad('malformed', line++, data.subarray(at, end));
      } else {
        if (scanner.malformed) taker.bad('malformed', line, data.subarray(at, end));
        else taker.fields(scanner.fields, line, valid);
        line += Math.max(scanner.lines, 1);
      }
      at = end;
      if (taker.full && line >= chunkLine) yield { offset: chunk.offset, skip: line - chunkLine, line };
    }
    held = Buffer.from(data.subarray(at));
    heldValid = valid || held.length === 0;
    chunkLine = toSkip > 0 ? from.line - toSkip : line + linesIn(held);
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}
