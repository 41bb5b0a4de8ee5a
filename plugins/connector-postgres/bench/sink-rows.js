/** Rows of the bench: 16 mixed columns, about 230 bytes, in row text. */

const columns = [
  ['uscc', 'varchar(18)', { type: 'C', length: 18, key: true }],
  ['name', 'varchar(200) NOT NULL', { type: 'C', length: 200, required: true }],
  ['id_number', 'varchar(18) NOT NULL', { type: 'C', length: 18, required: true }],
  ['person', 'varchar(50)', { type: 'C', length: 50 }],
  ['capital', 'numeric(14,2)', { type: 'N', precision: 14, scale: 2 }],
  ['no', 'bigint NOT NULL', { type: 'I', required: true }],
  ['founded', 'date', { type: 'D' }],
  ['updated_at', 'timestamp', { type: 'T' }],
  ['active', 'boolean NOT NULL', { type: 'L', required: true }],
  ['address', 'varchar(300)', { type: 'C', length: 300 }],
  ['kind', 'varchar(2) NOT NULL', { type: 'C', length: 2, required: true }],
  ['phone', 'varchar(20)', { type: 'C', length: 20 }],
  ['score', 'double precision', { type: 'B' }],
  ['status', 'varchar(10) NOT NULL', { type: 'C', length: 10, required: true }],
  ['postcode', 'varchar(6)', { type: 'C', length: 6 }],
  ['memo', 'text', { type: 'M' }],
];

export const resource = {
  code: 'bench',
  name: 'bench',
  summary: '',
  department: 'bench',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: columns.map(([column, , item]) => ({ name: column, column, ...item })),
};

export function tableSql(name) {
  const list = columns.map(([column, type]) => `${column} ${type}`).join(', ');
  return `CREATE TABLE ${name} (${list}, PRIMARY KEY (uscc))`;
}

const places = ['惠州市', '博罗县', '惠东县', '龙门县', '大亚湾', '仲恺区'];
const digits = (value, length) => String(value).padStart(length, '0');

function row(i, op, tag) {
  const address = i % 10 < 3 ? '\\N' : `广东省惠州市惠城区江北街道文昌一路${i % 300}号`;
  return [
    op,
    `91441300${digits(i, 10)}`,
    `${places[i % 6]}某某科技有限公司第${i}号`,
    `4413${digits(i % 100, 2)}19${digits(70 + (i % 30), 2)}0101${digits(i % 10000, 4)}`,
    `张三${i % 1000}`,
    `${(i * 7) % 100000}.${digits(i % 100, 2)}`,
    i,
    `2020-0${1 + (i % 9)}-${digits(1 + (i % 28), 2)}`,
    `2026-01-0${1 + (i % 9)} 08:${digits(i % 60, 2)}:${digits((i * 7) % 60, 2)}.${123 + (i % 8) * 10 + 1}`,
    i % 2 ? 't' : 'f',
    address,
    i % 9,
    `1390000${digits(i % 10000, 4)}`,
    (i % 1000) / 8,
    '存续',
    digits(i % 999999, 6),
    tag ? `${tag} ${i}` : `备注${i % 77}`,
  ].join('\t');
}

/** `count` rows from number `first` on, every `step`th. */
export function rowsFrom(first, count, { op = 'S', step = 1, tag = '' } = {}) {
  const lines = [];
  for (let n = 0; n < count; n++) lines.push(row((first + n) * step, op, tag));
  return Buffer.from(`${lines.join('\n')}\n`);
}

const PART_ROWS = 65_000;
let made = { total: 0, parts: [] };

/** Parts of at most 16 MiB, as row text and as COPY reads it; made once. */
export function eachPart(total) {
  if (made.total === total) return made.parts;
  const parts = [];
  for (let first = 0; first < total; first += PART_ROWS) {
    const rows = Math.min(PART_ROWS, total - first);
    const bytes = rowsFrom(first, rows);
    const plain = Buffer.from(bytes.toString().replace(/^S\t/gm, ''));
    parts.push({ bytes, plain, rows, last: first + rows === total });
  }
  made = { total, parts };
  return parts;
}
