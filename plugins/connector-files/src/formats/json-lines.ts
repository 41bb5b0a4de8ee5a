import { isUtf8 } from 'node:buffer';
import { descriptionOf } from '../folder/description.js';
import { encodingOf } from '../text/encoding.js';
import { readText } from '../text/text-input.js';
import type { OpenText } from './csv.js';
import { eachLine } from './lines.js';
import type { RecordTaker, TableFile } from './table-file.js';

/** Names of columns are gathered from so many lines. */
const SAMPLE_LINES = 1000;
/** Strings, which are passed over, and numbers. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

type Line = Readonly<Record<string, unknown>>;

/** Opens JSON Lines: one object in each line, its keys are the columns. */
export async function openJsonLines({ file, path, spec }: OpenText, signal: AbortSignal): Promise<TableFile> {
  const { encoding, bomBytes } = await encodingOf(file, spec.encoding, signal);
  const begin = { offset: bomBytes, skip: 0, line: 1 };
  const named = namesOfItems(spec);
  const described = await descriptionOf(path);
  const names = new Set<string>([...named, ...(described?.columns ?? []).map(({ name }) => name)]);
  let seen = 0;
  const nothing = { full: false, fields() {}, values() {}, bad() {} };
  const sample = eachLine(readText(file, encoding, bomBytes, signal), nothing, begin, (bytes) => {
    const line = seen++ < SAMPLE_LINES ? parseLine(bytes) : undefined;
    for (const name of Object.keys(line ?? {})) names.add(name);
  });
  await firstChunk(sample, () => seen >= SAMPLE_LINES);
  const columns = [...names];
  return {
    columns: columns.map((name) => ({ name })),
    about: `JSON Lines, ${encoding}`,
    records(taker, from, signal) {
      const place = from ?? begin;
      const take = lineTaker(taker, columns);
      return eachLine(readText(file, encoding, place.offset, signal), taker, place, take);
    },
    close: () => file.close(),
  };
}

/** A column that no sampled line has may still come: one that the config names is there. */
function namesOfItems({ columns = {}, op }: OpenText['spec']): string[] {
  return [...Object.values(columns), op?.column].filter((from) => typeof from === 'string');
}

function lineTaker(taker: RecordTaker, columns: readonly string[]) {
  return (bytes: Buffer, line: number, valid: boolean) => {
    if (!valid && !isUtf8(bytes)) {
      taker.bad('invalid-utf8', line, bytes);
      return;
    }
    const parsed = parseLine(bytes);
    if (!parsed) taker.bad('malformed', line, bytes);
    else
      taker.values(
        columns.map((name) => (Object.hasOwn(parsed, name) ? textOf(parsed[name]) : null)),
        line,
      );
  };
}

/** Undefined for what is no object. Numbers become strings first: a double would not hold every one of them. */
function parseLine(bytes: Buffer): Line | undefined {
  const text = bytes
    .toString('utf8')
    .replace(TOKEN, (token) => (token.startsWith('"') ? token : `"${token}"`));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
}

function textOf(value: unknown): string | null | undefined {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : undefined;
}

async function firstChunk(sample: AsyncIterable<unknown>, enough: () => boolean): Promise<void> {
  for await (const _ of sample) if (enough()) return;
}
