import { type CatalogResource, type Grant, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { RepairWork } from '@qianzhi/reconcile';
import {
  compileScope,
  compileValidator,
  createRowWriter,
  opByte,
  type RowScope,
  readKeys,
  rowOffsets,
} from '@qianzhi/rows';
import { engineErrors } from '../errors.js';
import { errorOf } from '../failure.js';
import { requireAcceptedSchema } from '../provider/drift.js';
import { requireDuty } from '../provider/duty.js';
import { newCounts } from '../provider/run-counts.js';
import type { ProviderParts } from '../provider/supply.js';
import type { CleanBlock } from '../sealer/block.js';
import { keyFieldsOf } from '../sealer/prepare.js';
import { createSealer } from '../sealer/sealer.js';
import { readCopy } from './read-supplied.js';

export interface Repaired {
  readonly sent: number;
  readonly deleted: number;
}

/**
 * Sends rows as the source has them now, and deletes of keys that it does not have, as a delta through the normal path: under the
 * supply duty, sealed, received by every subscriber of the stream, who has what is equal already. Ends when all has its receipt.
 * The caller holds the resource's turn.
 */
export async function repairRows(
  parts: ProviderParts,
  exchange: SupplyExchange,
  grant: Grant,
  { send, remove }: RepairWork,
  signal: AbortSignal,
): Promise<Repaired> {
  const { core, tables, outbox, gate, states } = parts;
  const { name, supply: code } = exchange;
  const { resource } = requireDuty(core, code, name);
  requireRowByRow(resource, grant);
  await gate.ensure(signal);
  const stream = states.ensure(code);
  if (stream.problem) throw errorOf(stream.problem);
  requireAcceptedSchema(core, tables, states, stream, resource);
  if (stream.snapshot) throw engineErrors.REPAIR_DURING_SNAPSHOT({ resource: code, exchange: name });

  const counts = newCounts();
  const permit = () => requireDuty(core, code, name).duty;
  const sealer = createSealer({ core, tables, outbox, resource, exchange: name, counts, permit, signal });
  const scope = grant.rows === undefined ? undefined : compileScope(resource, grant.rows);
  const wanted = new Set(send);
  const gone = new Set(remove);
  let sent = 0;
  let deleted = 0;
  await using connection = await core.options.openConnection(exchange, signal, core.options.log);
  try {
    const copy = readCopy(connection, exchange, resource, core.limits.blockBytes, signal);
    for await (const { bytes, unfit } of copy) {
      const rows = rowsOfKeys(bytes, resource, wanted, gone, scope);
      for (const key of unfit) gone.delete(key);
      if (rows.count > 0) await sealer.add(delta(rows.bytes, rows.count));
      sent += rows.count;
    }
    const deletes = deletesOf(resource, gone);
    if (deletes.rows > 0) await sealer.add(delta(deletes.bytes, deletes.rows));
    deleted = deletes.rows;
    await sealer.flush();
  } finally {
    await sealer.settled();
  }
  await outbox.sender(code).drained(signal);
  return { sent, deleted };
}

function requireRowByRow(resource: CatalogResource, { items }: Grant): void {
  const keys = keyItems(resource);
  if (keys.length > 0 && keys.every(({ column }) => items.includes(column))) return;
  throw engineErrors.REPAIR_NEEDS_KEY({ resource: resource.code });
}

/**
 * Rows of the wanted keys as `U`. A key that is here is not gone, whatever the other side was told; where it is out of scope the
 * row is sent, and the platform takes it back from who holds it.
 */
function rowsOfKeys(
  bytes: Uint8Array,
  resource: CatalogResource,
  wanted: ReadonlySet<string>,
  gone: Set<string>,
  scope: RowScope | undefined,
) {
  const offsets = rowOffsets(bytes);
  const inScope = scope?.judge(bytes);
  const rows: Uint8Array[] = [];
  readKeys(bytes, keyFieldsOf(resource), (key, row) => {
    const left = gone.delete(key) && inScope?.[row] === 0;
    if (!left && !wanted.has(key)) return;
    const copy = Uint8Array.from(bytes.subarray(offsets[row], offsets[row + 1]));
    copy[0] = opByte.U;
    rows.push(copy);
  });
  return { bytes: Buffer.concat(rows), count: rows.length };
}

/** A key that no valid row could have was not sent by anybody and cannot be sent: it stays, and is told of. */
function deletesOf(resource: CatalogResource, keys: ReadonlySet<string>) {
  const writer = createRowWriter(1024);
  const positions = keyFieldsOf(resource);
  for (const key of keys) {
    const fields = key.split('\t');
    writer.begin('D');
    for (let item = 0; item < resource.items.length; item++) {
      const at = positions.indexOf(item);
      if (at < 0) writer.null();
      else writer.field(Buffer.from(fields[at] ?? ''));
    }
    writer.end();
  }
  return compileValidator(resource).validate(writer.take());
}

function delta(bytes: Uint8Array, rows: number): CleanBlock {
  return {
    phase: 'delta',
    bytes,
    rows,
    rejected: 0,
    flagged: 0,
    repeated: 0,
    lastOfSnapshot: false,
    restart: false,
    checkpoint: undefined,
  };
}
