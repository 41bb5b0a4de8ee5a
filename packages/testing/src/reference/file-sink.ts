import {
  type DeliveryStream,
  deliveryName,
  type FilePart,
  fileNameKey,
  noCounts,
  throwIfCancelled,
  withContent,
} from '@qianzhi/model';
import type { FileSink, LedgerRow, SinkFilePart, SinkSpec } from '@qianzhi/plugin-api';
import { referenceErrors } from '../errors.js';
import { type MemoryFolder, type MemoryServer, putFile } from './memory-server.js';
import { digestOf } from './source-files.js';

type Outcome = 'inserted' | 'updated' | 'unchanged' | 'deleted' | 'rejected';

function rejectionOf({ name }: FilePart, row: number) {
  return { row, op: 'U', item: '*', reason: 'name-taken', bytes: Buffer.from(name) } as const;
}

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

  function judge(file: FilePart): Outcome {
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
      const outcome = last ? judge(file) : undefined;
      if (outcome === 'rejected') {
        await onRejected([rejectionOf(file, 0)], signal);
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
    async writeWhole({ delivery, seq, rowsDigest, files, bytes }, onRejected, signal) {
      throwIfCancelled(signal, 'write files');
      const known = rowsOf(delivery).find((row) => row.seq === seq);
      if (known && known.rowsDigest !== rowsDigest) throw referenceErrors.LEDGER_CONFLICT({ exchange, seq });
      if (known) return known;
      const judged = withContent(files, bytes).map((one) => {
        const outcome = judge(one.file);
        if (outcome === 'deleted') folder.files.delete(one.file.name);
        return { ...one, outcome };
      });
      const rejected = judged.flatMap(({ file, outcome }, index) =>
        outcome === 'rejected' ? rejectionOf(file, index) : [],
      );
      if (rejected.length > 0) await onRejected(rejected, signal);
      const counts = { ...noCounts, delivered: judged.length };
      for (const { file, content, outcome } of judged) {
        counts[outcome]++;
        if (outcome === 'inserted' || outcome === 'updated')
          putFile(folder, file.name, Uint8Array.from(content));
      }
      const row: LedgerRow = {
        exchange,
        delivery,
        seq,
        rowsDigest,
        stage: 'applied',
        snapshotId: null,
        counts,
        bytes: bytes.length,
        committedAt: new Date(server.now()).toISOString(),
      };
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
