import type { BatchManifest, Delivery, DeliveryStream, Head, Receipt, Signed, Stream } from '@qianzhi/model';
import type { TSchema } from '@qianzhi/model/schema';
import type { PluginContext } from './context.js';

/** A medium between agent and platform: HTTP is built in; Kafka and carried files are plugins. */
export interface Transport {
  readonly kind: 'transport';
  readonly configSchema: TSchema;
  open(config: unknown, context: PluginContext, signal: AbortSignal): Promise<Channel>;
}

/** A sealed batch as it travels: the signed manifest and the stored (compressed) bytes, there until `send` settles. */
export interface SealedBatch {
  readonly manifest: Signed<BatchManifest>;
  readonly bytes: Uint8Array;
}

export interface IncomingDelivery {
  readonly delivery: Signed<Delivery>;
  /** Fetches the stored bytes, once; checks nothing. */
  bytes(signal: AbortSignal): Promise<Uint8Array>;
}

/** Durability lies here: the outbox holds a batch until its receipt, whatever the medium does. */
export interface Channel {
  /**
   * Carries what it holds away by and by, and receipts may take days: what it holds does not count as in flight, so that it is given
   * more than a window of batches.
   */
  readonly carried?: true;
  /** Resolves when the medium holds the batch; the receipt comes on its own stream. Repeats are harmless. */
  send(batch: SealedBatch, signal: AbortSignal): Promise<void>;
  /** Receipts of stage `stored` for this agent's streams, in any order, possibly again. Ends with the signal. */
  receipts(signal: AbortSignal): AsyncIterable<Signed<Receipt>>;
  /**
   * Deliveries of one agreement after `after` (per delivery stream, where the ledger ends), in order. Ends when nothing
   * waits after `waitMs`. `agreement` undefined: the department's only live agreement on the resource.
   */
  receive(request: ReceiveRequest, signal: AbortSignal): AsyncIterable<IncomingDelivery>;
  /** Hands a consumer's receipts to the platform; resolves when it holds them durably. Repeats are harmless. */
  acknowledge(receipts: readonly Signed<Receipt>[], signal: AbortSignal): Promise<void>;
  /** Both sides' heads of this agent's streams and deliveries, for finding restored or lost state on start. */
  heads(own: readonly StreamHead[], signal: AbortSignal): Promise<readonly StreamHead[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ReceiveRequest {
  readonly resource: string;
  readonly agreement: string | undefined;
  /** Of the exchange that asks: the mode its deliveries are counted under. */
  readonly mode?: string;
  readonly after: readonly { readonly delivery: DeliveryStream; readonly seq: number }[];
  /** The target takes several whole files in one delivery. */
  readonly wholeFiles?: boolean;
  readonly waitMs: number;
}

export interface StreamHead {
  readonly stream: Stream;
  readonly head: Head;
}
