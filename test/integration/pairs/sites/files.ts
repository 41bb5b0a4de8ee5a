import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowTexts } from '@qianzhi/testing';
import { filesConnector } from '../../../../plugins/connector-files/src/connector.js';
import { csvText, readCsv } from '../../../../plugins/connector-files/src/test/csv-text.js';
import { type Column, context, mappingOf, never, type PairSite, type Table } from './site.js';

export type Form = 'csv' | 'jsonl';

interface Line {
  readonly op: string | undefined;
  readonly fields: RowTexts;
}

/** One form of files in a folder of its own, written and read apart from the connector. */
export async function openFiles(form: Form): Promise<PairSite> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-pairs-'));
  return {
    connect: () => filesConnector.open({ path: folder }, context, never),
    holds: () => true,
    async fill({ name, columns }, rows) {
      const text = form === 'csv' ? csvOf(columns, rows) : jsonLinesOf(columns, rows);
      await writeFile(join(folder, `${name}.${form}`), text);
      return {
        table: `${name}.${form}`,
        complete: { quietSeconds: 0 },
        ...mappingOf({ name, columns }),
      };
    },
    target: {
      spec: (table) => ({ name: table.name, format: form, ...mappingOf(table) }),
      async read(table) {
        const names = (await readdir(folder)).filter(
          (name) => name.startsWith(`${table.name}-`) && name.endsWith(`.${form}`),
        );
        const lines: Line[] = [];
        for (const name of names.sort()) {
          if (name.endsWith(`-full.${form}`)) lines.length = 0;
          const path = join(folder, name);
          lines.push(...(form === 'csv' ? await csvLines(path) : await jsonLines(path, table)));
        }
        return replayed(table, lines);
      },
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A full file and the changes behind it. */
function replayed({ columns }: Table, lines: readonly Line[]): RowTexts[] {
  const keys = columns.flatMap(({ item }, at) => (item.key ? [at] : []));
  const held = new Map<string, RowTexts>();
  for (const [at, { op, fields }] of lines.entries()) {
    const key = keys.length > 0 ? JSON.stringify(keys.map((key) => fields[key])) : String(at);
    if (op === 'D') held.delete(key);
    else held.set(key, fields);
  }
  return [...held.values()];
}

function csvOf(columns: readonly Column[], rows: readonly RowTexts[]): string {
  return csvText(
    columns.map(({ name }) => name),
    rows.map((fields) => ({ fields })),
    false,
  );
}

async function csvLines(path: string): Promise<Line[]> {
  return (await readCsv(path)).map(({ op, fields }) => ({ op, fields }));
}

const numbers = new Set(['I', 'N', 'Y', 'B', 'F']);

/** Numbers digit by digit, truth values as JSON has them. */
function jsonLinesOf(columns: readonly Column[], rows: readonly RowTexts[]): string {
  const spelled = ({ item }: Column, text: string | null) => {
    if (text === null) return 'null';
    if (item.type === 'L') return text === 't' ? 'true' : 'false';
    return numbers.has(item.type) ? text : JSON.stringify(text);
  };
  const line = (row: RowTexts) =>
    columns.map((column, at) => `${JSON.stringify(column.name)}: ${spelled(column, row[at]!)}`).join(', ');
  return rows.map((row) => `{${line(row)}}\n`).join('');
}

async function jsonLines(path: string, { columns }: Table): Promise<Line[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => {
    // JSON.parse would make doubles of all numbers: they become texts first
    const exact = line.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    );
    const object = JSON.parse(exact) as Record<string, string | boolean | null>;
    const fields = columns.map(({ name }) => {
      const value = object[name] ?? null;
      return typeof value === 'boolean' ? (value ? 't' : 'f') : value;
    });
    return { op: object.op as string | undefined, fields };
  });
}
