import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import type { PushRequest, RefusedRecord } from '@qianzhi/plugin-api';
import {
  canonicalizer,
  compileValidator,
  createRowWriter,
  keyOf,
  type RowWriter,
  rowOffsets,
} from '@qianzhi/rows';
import { LosslessNumber } from 'lossless-json';
import { pushErrors } from '../errors.js';
import { type GivenRecord, readBody } from './read-body.js';
import { type PushReason, reasonText } from './reasons.js';

export interface Judged {
  readonly records: number;
  /** Good rows in the order they were given, each a copy of its own. */
  readonly rows: readonly { readonly row: Uint8Array; readonly key: string; readonly deletes: boolean }[];
  readonly refused: readonly RefusedRecord[];
}

interface Misfit {
  readonly item: string;
  readonly reason: PushReason;
}

const OP_DELETE = 'D'.charCodeAt(0);
/** A name that is no item is told as it came, but not without end. */
const NAME_LENGTH = 63;

/** Judges records as the row path will: the catalog's rules over canonical row text. Throws QZ_PUSH_KEYLESS. */
export function createJudge(
  resource: CatalogResource,
): (request: Pick<PushRequest, 'form' | 'text'>) => Judged {
  if (keyItems(resource).length === 0) throw pushErrors.KEYLESS({ resource: resource.code });
  const { validate } = compileValidator(resource);
  const items = resource.items.map((item) => ({ item, spell: canonicalizer(item) }));
  const byColumn = new Map(resource.items.map((item) => [item.column, item]));
  const keyFields = resource.items.flatMap(({ key }, index) => (key ? [index] : []));

  function misfitOf(given: GivenRecord): Misfit | undefined {
    if ('reason' in given) return { item: '*', reason: given.reason };
    for (const [column, value] of Object.entries(given.values)) {
      const item = byColumn.get(column);
      if (!item) return { item: column.slice(0, NAME_LENGTH), reason: 'unknown-item' };
      if (given.op === 'delete' && !item.key) return { item: column, reason: 'not-a-key-item' };
      if (!hasJsonType(item, value)) return { item: column, reason: 'json-type' };
    }
    return undefined;
  }

  function write(writer: RowWriter, given: Extract<GivenRecord, { op: string }>): void {
    writer.begin(given.op === 'delete' ? 'D' : 'U');
    for (const { item, spell } of items) {
      const value = Object.hasOwn(given.values, item.column) ? given.values[item.column] : null;
      const text = textOf(value);
      writer.text(text === null ? null : (spell?.(text) ?? text));
    }
    writer.end();
  }

  return (request) => {
    const given = readBody(request);
    const writer = createRowWriter(Math.max(1024, request.text.length));
    const refused: RefusedRecord[] = [];
    const refuse = (record: number, item: string, reason: string) =>
      refused.push({ record, item, reason, text: reasonText(reason) });
    const recordOfRow: number[] = [];
    for (const [at, one] of given.entries()) {
      const misfit = misfitOf(one);
      if (misfit) {
        refuse(at + 1, misfit.item, misfit.reason);
        continue;
      }
      write(writer, one as Extract<GivenRecord, { op: string }>);
      recordOfRow.push(at + 1);
    }
    const checked = validate(writer.take());
    for (const { row, column, reason } of checked.rejected)
      refuse(recordOfRow[row - 1]!, column ?? '*', reason);
    refused.sort((a, b) => a.record - b.record);
    return { records: given.length, rows: rowsOf(checked.bytes, keyFields), refused };
  };
}

function rowsOf(bytes: Uint8Array, keyFields: readonly number[]): Judged['rows'] {
  const offsets = rowOffsets(bytes);
  return Array.from({ length: offsets.length - 1 }, (_, at) => {
    const row = bytes.subarray(offsets[at], offsets[at + 1]);
    return { row, key: keyOf(row, keyFields), deletes: row[0] === OP_DELETE };
  });
}

/** A number that stands for text would lose its leading zeros before it came here. */
function hasJsonType({ type }: CatalogItem, value: unknown): boolean {
  if (value === null || typeof value === 'string') return true;
  if (typeof value === 'boolean') return type === 'L';
  return value instanceof LosslessNumber && 'NYIBF'.includes(type);
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof LosslessNumber) return value.value;
  return String(value);
}
