/** What the row path costs: CPU of 16 columns / about 215 bytes with Chinese text, in µs per row. */
import { citizenIdFrom, usccFrom } from '@qianzhi/model';
import {
  compileProjector,
  compileValidator,
  compress,
  createRowWriter,
  decompress,
  foldRows,
  readRows,
  rowsDigest,
  scanRows,
} from '@qianzhi/rows';
import { medianCpuMs, report } from './measure.js';

const ROWS = 60_000;

const items = [
  { column: 'uscc', type: 'C', length: 18, key: true, schemes: ['uscc'] },
  { column: 'name', type: 'C', length: 100, required: true },
  { column: 'reg_no', type: 'C', length: 15 },
  { column: 'address', type: 'C', length: 200 },
  { column: 'founded', type: 'D', min: '1949-10-01', max: '2099-12-31' },
  { column: 'changed', type: 'T' },
  { column: 'capital', type: 'N', precision: 18, scale: 2, min: '0', max: '1000000000' },
  { column: 'staff', type: 'I', min: '0', max: '1000000' },
  { column: 'person', type: 'C', length: 50 },
  { column: 'person_id', type: 'C', length: 18, schemes: ['citizenId'] },
  { column: 'kind', type: 'C', length: 2, codeTable: 'kind' },
  { column: 'phone', type: 'C', length: 20 },
  { column: 'active', type: 'L' },
  { column: 'rate', type: 'B' },
  { column: 'postcode', type: 'C', length: 6, pattern: '[1-9]\\d{5}' },
  { column: 'note', type: 'M' },
].map((item) => ({ name: item.column, ...item }));

const resource = {
  code: 'bench',
  name: '测速',
  summary: '',
  department: 'd',
  attribute: 'department',
  subject: 'organisation',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items,
  codeTables: {
    kind: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [String(i).padStart(2, '0'), `类别${i}`])),
  },
};

/** Rows that differ as real ones do, the same on each run. */
function sampleRows() {
  let seed = 42;
  const random = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const digits = (count) => Array.from({ length: count }, () => random(10)).join('');
  const two = (below, from = 1) => String(from + random(below)).padStart(2, '0');
  const characters =
    '惠州市城区江北云山西路仲恺阳东龙门博罗科技有限公司贸易发展实业集团华南信息张王李赵陈刘杨黄周吴徐孙';
  const text = (count) => Array.from({ length: count }, () => characters[random(characters.length)]).join('');
  return Array.from({ length: ROWS }, () => {
    const day = `${1990 + random(35)}-${two(12)}-${two(28)}`;
    return [
      usccFrom('91', '441302', `MA${digits(6)}`),
      `${text(4 + random(6))}有限公司`,
      `4413${digits(11)}`,
      `惠州市${text(6 + random(8))}${random(300)}号`,
      day,
      `2026-0${1 + random(9)}-${two(28)} ${two(23, 0)}:${two(59, 0)}:${two(59, 0)}.${1 + random(9)}`,
      `${random(9_000_000)}.${digits(2)}`,
      String(random(900)),
      text(2 + random(2)),
      citizenIdFrom('441302', day, random(1000)),
      two(29, 0),
      `138${digits(8)}`,
      random(2) ? 't' : 'f',
      String(random(1000) / 8),
      `516${digits(3)}`,
      random(4) ? null : text(5),
    ].map(flat);
  });
}

/** A driver gives plain strings; one put together from pieces is slower to read. */
function flat(value) {
  return value === null ? null : Buffer.from(value).toString();
}

function encode(rows) {
  const writer = createRowWriter();
  for (const row of rows) {
    writer.begin('U');
    for (const value of row) writer.text(value);
    writer.end();
  }
  return writer.take();
}

export async function run(options) {
  const samples = sampleRows();
  const block = encode(samples);
  const validator = compileValidator(resource);
  const { rejected, rows } = validator.validate(block);
  if (rejected.length > 0 || rows !== ROWS) throw new Error('the sample rows are not valid');
  const half = compileProjector(
    resource,
    items.filter((_, i) => i % 2 === 0).map((item) => item.column),
  );
  const masked = compileProjector(
    resource,
    items.map((item) => item.column),
    {
      masks: { person: 'name', person_id: 'id-6-4', phone: 'phone' },
    },
  );
  const stored = await compress(block);
  const acts = {
    encode: () => encode(samples),
    scan: () => scanRows(block, items.length),
    validate: () => validator.validate(block),
    project: () => half.project(block),
    mask: () => masked.project(block),
    fold: () => foldRows(block, [0]),
    decode: () => readRows(block, () => {}),
    compress: () => compress(block),
    decompress: () => decompress(stored, { rawBytes: block.length }),
    digest: () => rowsDigest({ kind: 'delta', schemaVersion: 1 }, block),
  };
  const usPerRow = {};
  for (const [name, act] of Object.entries(acts))
    usPerRow[name] = round(((await medianCpuMs(act)) * 1000) / ROWS);
  const result = {
    bench: 'rows',
    rows: ROWS,
    columns: items.length,
    bytesPerRow: round(block.length / ROWS),
    compressionRatio: round(block.length / stored.length),
    usPerRow,
  };
  report(options, result, [
    `${ROWS} rows, ${items.length} columns, ${result.bytesPerRow} bytes per row, zstd ratio ${result.compressionRatio}`,
    ...Object.entries(usPerRow).map(([name, us]) => `${name.padEnd(11)} ${us.toFixed(3)} µs/row`),
  ]);
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
