import { type DeliveryStream, deliveryName, fileNameKey, noCounts, throwIfCancelled } from '@qianzhi/model';
import type { FileSink, LedgerRow, SinkFilePart, SinkSpec } from '@qianzhi/plugin-api';
import { referenceErrors } from '../errors.js';
import { type MemoryFolder, type MemoryServer, putFile } from './memory-server.js';
import { digestOf } from './source-files.js';

type Outcome = 'inserted' | 'updated' | 'unchanged' | 'deleted' | 'rejected';

/** Parts wait beside the folder until the whole is proven; file and ledger row come in one synchronous step. */
export function openMemoryFileSink(server: MemoryServer, folder: MemoryFolder, spec: SinkSpec): FileSink {
  const { exchange } = spec;
  const nameOf = (delivery: DeliveryStream) => `${exchange} ${deliveryName(delivery)}`;
  const rowsOf = (delivery: DeliveryStream) => server.ledger.get(nameOf(delivery)) ?? [];

  function discard(delivery: DeliveryStream): void {
    folder.unfinished.delete(nameOf(delivery));
    const rows = rowsOf(delivery);
    const applied = rows.findLastIndex(({ stage }) => stage === 'applied') + 1;
    server.ledger.set(nameOf(delivery), rows.slice(0, applied));
  }

  function gathered({ delivery, file, bytes, seq, resource }: SinkFilePart): Uint8Array {
    const before = file.offset === 0 ? undefined : folder.unfinished.get(nameOf(delivery));
    if (file.offset > 0 && (before?.digest !== file.digest || before.bytes.length !== file.offset)) {
      throw referenceErrors.PART_MISSING({ exchange, seq, resource: resource.code });
    }
    return Buffer.concat([before?.bytes ?? new Uint8Array(), bytes]);
  }

  function judge({ file }: SinkFilePart): Outcome {
    const there = [...folder.files.values()].find(({ name }) => fileNameKey(name) === fileNameKey(file.name));
    if (file.removed) return there?.name === file.name ? 'deleted' : 'unchanged';
    if (!there) return 'inserted';
    if (there.name !== file.name) return 'rejected';
    return digestOf(there.bytes) === file.digest ? 'unchanged' : 'updated';
  }

  return {
    async ledgerHead(delivery, signal) {
      throwIfCancelled(signal, 'ledger');
      return rowsOf(delivery).at(-1);
    },
    async ledgerAfter(delivery, seq, limit, signal) {
      throwIfCancelled(signal, 'ledger');
      return rowsOf(delivery)
        .filter((row) => row.seq > seq)
        .slice(0, limit);
    },
    async write(part, onRejected, signal) {
      throwIfCancelled(signal, 'write files');
      const { delivery, seq, rowsDigest, file, rows, resource } = part;
      const known = rowsOf(delivery).find((row) => row.seq === seq);
      if (known && known.rowsDigest !== rowsDigest) throw referenceErrors.LEDGER_CONFLICT({ exchange, seq });
      if (known) return known;
      const bytes = gathered(part);
      const last = rows === 1;
      if (last && digestOf(bytes) !== file.digest) {
        discard(delivery);
        throw referenceErrors.FILE_DIFFERS({ file: file.name, resource: resource.code });
      }
      const outcome = last ? judge(part) : undefined;
      if (outcome === 'rejected') {
        const name = Buffer.from(file.name);
        await onRejected([{ row: 0, op: 'U', item: '*', reason: 'name-taken', bytes: name }], signal);
      }
      const row: LedgerRow = {
        exchange,
        delivery,
        seq,
        rowsDigest,
        stage: last ? 'applied' : 'staged',
        snapshotId: null,
        counts: outcome ? { ...noCounts, delivered: 1, [outcome]: 1 } : noCounts,
        bytes: last ? file.size : 0,
        committedAt: new Date(server.now()).toISOString(),
      };
      if (last) folder.unfinished.delete(nameOf(delivery));
      else folder.unfinished.set(nameOf(delivery), { digest: file.digest, bytes });
      if (outcome === 'inserted' || outcome === 'updated') putFile(folder, file.name, bytes);
      if (outcome === 'deleted') folder.files.delete(file.name);
      server.ledger.set(nameOf(delivery), [...rowsOf(delivery), row]);
      return row;
    },
    async discardStaged(delivery, signal) {
      throwIfCancelled(signal, 'discard');
      discard(delivery);
    },
    async [Symbol.asyncDispose]() {},
  };
}
