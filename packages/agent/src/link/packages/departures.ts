import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Box,
  createTurn,
  openPackage,
  type PackageWriter,
  type Refusal,
  type Want,
} from '@qianzhi/carrier';
import {
  checkShape,
  fromProblem,
  type KeyRecord,
  type Receipt,
  type Signed,
  SignedManifestSchema,
  SignedReceiptSchema,
  type Stream,
  systemCode,
  type TakenPackage,
} from '@qianzhi/model';
import type { ReceiveRequest, SealedBatch } from '@qianzhi/plugin-api';
import { deliveryModeOf } from '../delivery-mode.js';

const keyOf = ({ resource, epoch }: Pick<Stream, 'resource' | 'epoch'>, seq: number) =>
  `${resource}/${epoch}/${seq}`;

/** What this agent has for the platform, gathered into packages. */
export interface Departures {
  /** Puts a batch into the growing package, unless it is in one that is out. Throws the platform's refusal of it, once. */
  add(batch: SealedBatch): Promise<void>;
  /** Durable when it resolves. */
  addReceipts(receipts: readonly Signed<Receipt>[]): Promise<void>;
  want(request: Omit<ReceiveRequest, 'waitMs'>): void;
  /** Closes the growing package and lays it out; without `force` only where there is something in it. */
  send(force: boolean): Promise<TakenPackage | undefined>;
  /** The platform stored it: should it come again, it is sent again. */
  receipted(receipt: Signed<Receipt>): void;
  /** The platform did not store it, nor what follows it in its stream. */
  refused(refusal: Refusal): void;
}

export interface DepartureOptions {
  readonly box: Box;
  readonly folder: string;
  readonly maxBytes: number;
  /** This agent's keys. */
  readonly keys: readonly KeyRecord[];
}

export async function openDepartures(options: DepartureOptions): Promise<Departures> {
  const { box, folder, maxBytes } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const receiptsFile = join(folder, 'receipts.jsonl');
  let receipts = await readReceipts(receiptsFile);
  const exported = await exportedBefore(options);
  const refusals = new Map<string, Refusal>();
  const wants = new Map<string, Want>();
  let newWants = false;
  let writer: PackageWriter | undefined;
  const { take: inTurn } = createTurn();

  async function close(force: boolean): Promise<TakenPackage | undefined> {
    if (!writer && receipts.length === 0 && !newWants && !force) return undefined;
    const growing = writer ?? (await box.begin());
    writer = undefined;
    try {
      const told = receipts;
      await growing.add('notes', { receipts: told, wants: [...wants.values()] });
      const sent = await box.send(growing);
      newWants = false;
      receipts = receipts.slice(told.length);
      await writeReceipts(receiptsFile, receipts);
      return sent;
    } catch (error) {
      // the batches in it are not out: the engine sends them again, and finds them unknown here
      exported.clear();
      throw error;
    }
  }

  return {
    add: ({ manifest, bytes }) =>
      inTurn(async () => {
        const { stream, seq, bytesDigest } = manifest.body;
        const key = keyOf(stream, seq);
        const refusal = refusals.get(key);
        if (refusal) {
          refusals.delete(key);
          throw fromProblem(refusal.problem);
        }
        if (exported.get(key) === bytesDigest) return;
        writer ??= await box.begin();
        await writer.add('batch', manifest, bytes);
        exported.set(key, bytesDigest);
        if (writer.size >= maxBytes) await close(true);
      }),
    addReceipts: (added) =>
      inTurn(async () => {
        await appendReceipts(receiptsFile, added);
        receipts = [...receipts, ...added];
      }),
    want({ resource, agreement, mode, after, wholeFiles }) {
      const key = `${resource} ${agreement ?? ''}`;
      newWants ||= !wants.has(key);
      const want = {
        resource,
        ...(agreement !== undefined && { agreement }),
        ...(mode !== undefined && deliveryModeOf({ mode })),
        after: [...after],
        ...(wholeFiles && { wholeFiles: true as const }),
      };
      wants.set(key, want);
    },
    send: (force) => inTurn(() => close(force)),
    receipted({ body: { subject, seqFrom, seqTo } }) {
      if (!('stream' in subject)) return;
      for (let seq = seqFrom; seq <= seqTo; seq++) exported.delete(keyOf(subject.stream, seq));
    },
    refused(refusal) {
      const { resource, epoch, seq } = refusal;
      for (const key of exported.keys()) {
        const [name, itsEpoch, itsSeq] = key.split('/');
        if (name === resource && Number(itsEpoch) === epoch && Number(itsSeq) >= seq) exported.delete(key);
      }
      refusals.set(keyOf(refusal, seq), refusal);
    },
  };
}

/** Batches in packages that are out and not confirmed: they are not sent twice, whatever the engine forgot in a restart. */
async function exportedBefore({ box, keys }: DepartureOptions): Promise<Map<string, string>> {
  const exported = new Map<string, string>();
  for (const file of await box.kept()) {
    await using kept = await openPackage(file, keys);
    for await (const { kind, document } of kept.entries()) {
      if (kind !== 'batch') continue;
      const { stream, seq, bytesDigest } = checkShape(SignedManifestSchema, document, 'batch').body;
      exported.set(keyOf(stream, seq), bytesDigest);
    }
  }
  return exported;
}

async function readReceipts(file: string): Promise<readonly Signed<Receipt>[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  // what stands behind the last line end was not confirmed to anybody
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => checkShape(SignedReceiptSchema, JSON.parse(line), 'receipt') as Signed<Receipt>);
}

async function appendReceipts(file: string, receipts: readonly Signed<Receipt>[]): Promise<void> {
  await appendFile(file, receipts.map((one) => `${JSON.stringify(one)}\n`).join(''), { mode: 0o600 });
  await using handle = await open(file, 'r');
  await handle.sync();
}

/** Receipts that were told once too often do no harm, so nothing here has to be exact over a crash. */
async function writeReceipts(file: string, receipts: readonly Signed<Receipt>[]): Promise<void> {
  await rm(file, { force: true });
  if (receipts.length > 0) await appendReceipts(file, receipts);
}
