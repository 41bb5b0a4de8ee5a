import { type CatalogResource, type ConsumeExchange, type DeliveryStream, holdsFiles } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  OnRejected,
  PartLoader,
  SinkBatch,
  SinkFilePart,
  TargetLedger,
} from '@qianzhi/plugin-api';
import { engineErrors } from '../errors.js';

/** What a delivery comes to once its bytes are proven: rows, or a part of a file. */
export type DeliveredBatch = SinkBatch | SinkFilePart;

/** Where an exchange's deliveries go, rows or files: a resource has one or the other, and so has its target. */
export interface Target extends TargetLedger {
  readonly parts?: PartLoader | undefined;
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
    return targetOf(sink, sink.parts, (batch, onRejected, signal) => {
      // the catalog does not let one resource change between the two
      if (batch.kind === 'files') throw engineErrors.FILES_NOT_TAKEN(about);
      return sink.write(batch, onRejected, signal);
    });
  }
  if (!connection.fileSink) throw engineErrors.FILES_NOT_TAKEN(about);
  const sink = await connection.fileSink(spec, signal);
  return targetOf(sink, undefined, (batch, onRejected, signal) => {
    if (batch.kind !== 'files') throw engineErrors.FILES_NOT_TAKEN(about);
    return sink.write(batch, onRejected, signal);
  });
}

function targetOf(ledger: TargetLedger, parts: PartLoader | undefined, write: Target['write']): Target {
  return {
    parts,
    write,
    ledgerHead: (delivery, signal) => ledger.ledgerHead(delivery, signal),
    ledgerAfter: (delivery, seq, limit, signal) => ledger.ledgerAfter(delivery, seq, limit, signal),
    discardStaged: (delivery, signal) => ledger.discardStaged(delivery, signal),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}
