import type { ItemType } from '@qianzhi/model';
import type { ColumnDescription } from '@qianzhi/plugin-api';
import { yearFirst } from '../source/cell.js';
import { fieldText } from './csv-scanner.js';
import type { FileColumn, RecordTaker, TableFile } from './table-file.js';

const SAMPLE_ROWS = 1000;
const QUOTE = 34;

/** What every value of a sample is, tried in this order. Digits with a leading zero are a code, not a number. */
const kinds: readonly { readonly type: ItemType; readonly pattern: RegExp }[] = [
  { type: 'I', pattern: /^-?(0|[1-9]\d{0,17})$/ },
  { type: 'N', pattern: /^-?(0|[1-9]\d*)(\.\d+)?$/ },
  { type: 'D', pattern: /^\d{4}-\d\d-\d\d$/ },
  { type: 'T', pattern: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/ },
  { type: 'L', pattern: /^(true|false|t|f)$/i },
];

/** Columns with a type for each: the file's own, else what fits the values of its first rows; text where nothing does. */
export async function guessTypes(
  table: TableFile,
  columns: readonly FileColumn[],
  signal: AbortSignal,
): Promise<ColumnDescription[]> {
  const seen = columns.map(() => ({ values: 0, empty: 0, longest: 0, possible: [...kinds] }));
  let rows = 0;
  const look = (at: number, value: string | null | undefined) => {
    const column = seen[at];
    if (!column) return;
    if (value === null || value === undefined || value === '') {
      column.empty++;
      return;
    }
    column.values++;
    column.longest = Math.max(column.longest, [...value].length);
    const spelled = yearFirst(value.trim());
    column.possible = column.possible.filter(({ pattern }) => pattern.test(spelled));
  };
  const taker: RecordTaker = {
    get full() {
      return rows >= SAMPLE_ROWS;
    },
    fields(fields) {
      rows++;
      for (let at = 0; at < fields.count; at++) look(at, fieldText(fields, at, QUOTE));
    },
    values(values) {
      rows++;
      for (const [at, value] of values.entries()) look(at, value);
    },
    bad() {
      rows++;
    },
  };
  for await (const _ of table.records(taker, undefined, signal)) break;
  return columns.map((column, at): ColumnDescription => {
    const { values, empty, longest, possible } = seen[at]!;
    const type = values > 0 ? (possible[0]?.type ?? 'C') : 'C';
    return {
      nativeType: 'text',
      type,
      length: type === 'C' && longest > 0 ? longest : null,
      precision: null,
      scale: null,
      nullable: empty > 0 || values === 0,
      comment: null,
      ...column,
    };
  });
}
