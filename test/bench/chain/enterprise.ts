import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { citizenIdFrom, usccFrom } from '@qianzhi/model';

/**
 * What the benches move: 16 columns, Chinese text, 8 required, two identifiers with check digits, a code table, two
 * ranges, a pattern; about 220 bytes of row text. `kind` of the table and item of the catalog stand side by side.
 */
const columns: readonly { readonly kind: string; readonly item: Omit<CatalogItem, 'name'> }[] = [
  {
    kind: 'varchar(18) PRIMARY KEY',
    item: { column: 'uscc', type: 'C', length: 18, key: true, schemes: ['uscc'] },
  },
  { kind: 'varchar(100) NOT NULL', item: { column: 'name', type: 'C', length: 100, required: true } },
  { kind: 'varchar(15)', item: { column: 'reg_no', type: 'C', length: 15 } },
  { kind: 'varchar(200) NOT NULL', item: { column: 'address', type: 'C', length: 200, required: true } },
  {
    kind: 'date NOT NULL',
    item: { column: 'founded', type: 'D', required: true, min: '1949-10-01', max: '2099-12-31' },
  },
  { kind: 'timestamp', item: { column: 'changed_at', type: 'T' } },
  { kind: 'numeric(18,2)', item: { column: 'capital', type: 'N', precision: 18, scale: 2 } },
  { kind: 'integer', item: { column: 'staff', type: 'I', min: '0', max: '1000000' } },
  { kind: 'varchar(50) NOT NULL', item: { column: 'person', type: 'C', length: 50, required: true } },
  {
    kind: 'varchar(18) NOT NULL',
    item: { column: 'person_id', type: 'C', length: 18, required: true, schemes: ['citizenId'] },
  },
  {
    kind: 'varchar(2) NOT NULL',
    item: { column: 'kind', type: 'C', length: 2, required: true, codeTable: 'kind' },
  },
  { kind: 'varchar(20)', item: { column: 'phone', type: 'C', length: 20 } },
  { kind: 'boolean NOT NULL', item: { column: 'active', type: 'L', required: true } },
  { kind: 'double precision', item: { column: 'rate', type: 'B' } },
  { kind: 'varchar(6)', item: { column: 'postcode', type: 'C', length: 6, pattern: '[1-9]\\d{5}' } },
  { kind: 'text', item: { column: 'note', type: 'M' } },
];

const KINDS = 30;

export const columnNames: readonly string[] = columns.map(({ item }) => item.column);

/** A logged table with its primary key, in PostgreSQL's types, or those another database has in place of some. */
export function createTable(table: string, otherKinds: Readonly<Record<string, string>> = {}): string {
  const columnsSql = columns.map(({ item, kind }) => `${item.column} ${otherKinds[kind] ?? kind}`);
  return `CREATE TABLE ${table} (${columnsSql.join(', ')})`;
}

/** The catalog entry; every round of a bench moves the table under a code of its own. */
export function enterpriseResource(code: string): CatalogResource {
  return {
    code,
    name: '企业登记',
    summary: '测速',
    department: 'mz',
    attribute: 'department',
    subject: 'organisation',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: columns.map(({ item }) => ({ name: item.column, ...item })),
    codeTables: {
      kind: Object.fromEntries(Array.from({ length: KINDS }, (_, i) => [two(i), `类别${i}`])),
    },
  };
}

const characters =
  '惠州市城区江北云山西路仲恺阳东龙门博罗科技有限公司贸易发展实业集团华南信息张王李赵陈刘杨黄周吴徐孙';
/** Text is cut out of a ring of random characters: quicker than character by character, and repeats as little. */
const RING = 2 ** 15;
const BLOCK_ROWS = 500;

/** COPY text of rows `from` to `to`, in key order and the same on every run, in blocks of some 100 KiB. */
export function* enterpriseRows(from: number, to: number): Generator<Buffer> {
  const random = randomFrom(42 + from);
  const ring = Array.from({ length: RING }, () => characters[random(characters.length)]).join('');
  const digits = (count: number) => String(random(10 ** count)).padStart(count, '0');
  const text = (count: number) => {
    const at = random(RING - 16);
    return ring.slice(at, at + count);
  };
  const row = (number: number) => {
    const day = `${1960 + random(65)}-${two(1 + random(12))}-${two(1 + random(28))}`;
    return [
      usccFrom('91', '441302', String(number).padStart(8, '0')),
      `${text(4 + random(6))}有限公司`,
      `4413${digits(6)}${digits(5)}`,
      `惠州市${text(6 + random(7))}${random(300)}号`,
      day,
      `2026-0${1 + random(9)}-${two(1 + random(28))} ${two(random(24))}:${two(random(60))}:${two(random(60))}.${1 + random(9)}`,
      `${random(9_000_000)}.${two(random(100))}`,
      random(900),
      text(2 + random(2)),
      citizenIdFrom('441302', day, random(1000)),
      two(random(KINDS)),
      `138${digits(8)}`,
      random(2) ? 't' : 'f',
      random(1000) / 8,
      `516${digits(3)}`,
      random(4) ? '\\N' : text(5),
    ].join('\t');
  };
  for (let next = from; next < to; ) {
    let block = '';
    for (const end = Math.min(next + BLOCK_ROWS, to); next < end; next++) block += `${row(next)}\n`;
    yield Buffer.from(block);
  }
}

function randomFrom(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
