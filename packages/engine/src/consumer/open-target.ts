import { type CatalogResource, type ConsumeExchange, type DeliveryStream, holdsFiles } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  OnRejected,
  PartLoader,
  SinkBatch,
  SinkFilePart,
  SinkWholeFiles,
  TargetLedger,
} from '@qianzhi/plugin-api';
import { engineErrors } from '../errors.js';

/** What a delivery comes to once its bytes are proven: rows, a part of a file, or several whole files. */
export type DeliveredBatch = SinkBatch | DeliveredFiles;
export type DeliveredFiles = SinkFilePart | SinkWholeFiles;

export function isOfFiles(batch: DeliveredBatch): batch is DeliveredFiles {
  return batch.kind === 'files' || batch.kind === 'whole-files';
}

/** Where an exchange's deliveries go, rows or files: a resource has one or the other, and so has its target. */
export interface Target extends TargetLedger {
  readonly parts?: PartLoader | undefined;
  /** It takes several whole files at once. */
  readonly wholeFiles: boolean;
  write(batch: DeliveredBatch, onRejected: OnRejected, signal: AbortSignal): Promise<LedgerRow>;
}

/** Throws QZ_ENGINE_FILES_NOT_TAKEN, and what the connector says. */
export async function openTarget(
  connection: Connection,
  exchange: ConsumeExchange,
  resource: CatalogResource,
  ended: readonly DeliveryStream[],
  signal: AbortSignal,
): Promise<Target> {
  const spec = { exchange: exchange.name, resource, target: exchange.target, ended };
  const about = { exchange: exchange.name, resource: resource.code, connector: exchange.connector };
  if (!holdsFiles(resource)) {
    const sink = await connection.sink(spec, signal);
    return targetOf(sink, { parts: sink.parts, wholeFiles: false }, (batch, onRejected, signal) => {
      // the catalog does not let one resource change between the two
      if (isOfFiles(batch)) throw engineErrors.FILES_NOT_TAKEN(about);
      return sink.write(batch, onRejected, signal);
    });
  }
  if (!connection.fileSink) throw engineErrors.FILES_NOT_TAKEN(about);
  const sink = await connection.fileSink(spec, signal);
  return targetOf(sink, { wholeFiles: sink.writeWhole !== undefined }, (batch, onRejected, signal) => {
    if (batch.kind === 'files') return sink.write(batch, onRejected, signal);
    // the platform was not told that they are taken
    if (batch.kind !== 'whole-files' || !sink.writeWhole) throw engineErrors.FILES_NOT_TAKEN(about);
    return sink.writeWhole(batch, onRejected, signal);
  });
}

function targetOf(
  ledger: TargetLedger,
  takes: Pick<Target, 'parts' | 'wholeFiles'>,
  write: Target['write'],
): Target {
  return {
    ...takes,
    write,
    ledgerHead: (delivery, signal) => ledger.ledgerHead(delivery, signal),
    ledgerAfter: (delivery, seq, limit, signal) => ledger.ledgerAfter(delivery, seq, limit, signal),
    discardStaged: (delivery, signal) => ledger.discardStaged(delivery, signal),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}
