import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import files from '@qianzhi/connector-files';
import type { Connector } from '@qianzhi/plugin-api';
import { columnNames, enterpriseResource } from '../chain/enterprise.js';
import type { Freight } from './freight.js';
import type { Course, Race } from './race.js';
import { openThrough } from './through-connector.js';

/** How DuckDB writes and reads each form; a decimal is a text, as it is to the connector. */
const forms = {
  csv: { copy: '(FORMAT csv, HEADER)', read: 'read_csv' },
  jsonl: { copy: '(FORMAT json)', read: 'read_json' },
  parquet: { copy: '(FORMAT parquet, COMPRESSION zstd)', read: 'read_parquet' },
} as const;
type Form = keyof typeof forms;
const writable = ['csv', 'jsonl'] as const satisfies readonly Form[];

const kinds: Readonly<Record<string, string>> = {
  D: 'DATE',
  T: 'TIMESTAMP',
  I: 'BIGINT',
  B: 'DOUBLE',
  L: 'BOOLEAN',
};

export async function openFiles(freight: Freight, folder: string): Promise<Course> {
  const place = join(folder, 'files');
  await mkdir(place);
  const resource = enterpriseResource('enterprise');
  const through = await openThrough(files.role as Connector, { path: place }, resource);
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const types = resource.items.map(
    ({ column, type }) => `${column}: '${type === 'N' ? 'DECIMAL(18, 2)' : (kinds[type] ?? 'VARCHAR')}'`,
  );
  await duck.run(
    `CREATE TABLE enterprise AS FROM read_csv('${freight.file}', delim = '\\t', quote = '', escape = '', nullstr = '\\N',
     header = false, auto_detect = false, columns = {${types.join(', ')}})`,
  );
  const pathOf = (form: Form) => join(place, `enterprise.${form}`);
  for (const [form, { copy }] of Object.entries(forms)) {
    await duck.run(`COPY enterprise TO '${pathOf(form as Form)}' ${copy}`);
  }
  const read = (form: Form): Race => ({
    type: 'files',
    format: form,
    direction: 'read',
    peer: `DuckDB ${forms[form].read}`,
    rows: freight.rows,
    ours: () => through.read({ pattern: `enterprise.${form}`, complete: { quietSeconds: 0 } }, freight.rows),
    async theirs() {
      const given = form === 'parquet' ? '' : `, columns = {${types.join(', ')}}`;
      const select = `SELECT ${columnNames.join(', ')} FROM ${forms[form].read}('${pathOf(form)}'${given})`;
      await duck.run(`CREATE OR REPLACE TEMP TABLE taken AS ${select}`);
    },
  });
  let written = 0;
  const write = (form: (typeof writable)[number]): Race => ({
    type: 'files',
    format: form,
    direction: 'write',
    peer: `DuckDB COPY TO ${form}`,
    rows: freight.rows,
    async prepare() {
      await rm(join(place, 'out'), { recursive: true, force: true });
      await mkdir(join(place, 'out'));
    },
    ours: () => through.writeSnapshot({ name: `t${++written}`, folder: 'out', format: form }, freight.parts),
    async theirs() {
      await duck.run(`COPY enterprise TO '${join(place, 'out', `peer.${form}`)}' ${forms[form].copy}`);
    },
  });
  return {
    races: [...(Object.keys(forms) as Form[]).map(read), ...writable.map(write)],
    async [Symbol.asyncDispose]() {
      duck.closeSync();
      await through[Symbol.asyncDispose]();
    },
  };
}
