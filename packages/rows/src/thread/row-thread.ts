/**
 * The thread of large batches. Its heap is small, so that a collection of it is short: the compression library answers in
 * buffers of its own, which V8 counts, and on a large heap every few of them would bring a full collection.
 */
import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { suiteOf } from '@qianzhi/model/suites';
import { copyPieces } from '../views.js';
import { open, seal } from './acts.js';
import { collectBuffers } from './collect.js';
import type { OpenAnswer, OpenRequest, Refusal, SealAnswer, SealRequest, ThreadAnswer } from './protocol.js';

parentPort!.on('message', async (request: SealRequest | OpenRequest) => {
  const answer = await answerTo(request);
  // the library's buffer is larger than all else here, and no garbage before its own call has returned
  await setImmediate();
  collectBuffers();
  parentPort!.postMessage(answer);
});

async function answerTo(request: SealRequest | OpenRequest): Promise<ThreadAnswer> {
  try {
    return { answer: request.act === 'seal' ? await sealInto(request) : await openInto(request) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'QianzhiError') return { broken: String(error) };
    const { code, kind, texts, details } = error as unknown as Refusal;
    return { refusal: { code, kind, texts, details } };
  }
}

async function sealInto({ raw, about, suite, into }: SealRequest): Promise<SealAnswer> {
  const { storedBytes, rowsDigest, writeInto } = await seal(raw, about, suiteOf(suite));
  const fits = storedBytes <= into.length;
  const stored = fits ? into.subarray(0, storedBytes) : new Uint8Array(storedBytes);
  const bytesDigest = writeInto(stored);
  return { storedBytes, stored: fits ? undefined : stored, rowsDigest, bytesDigest };
}

async function openInto({ stored, claim, suite, into }: OpenRequest): Promise<OpenAnswer> {
  const opened = await open(stored, claim, suiteOf(suite));
  if ('differs' in opened) return opened;
  if (into) copyPieces(into, opened.content.pieces);
  return { counts: opened.counts, files: opened.files };
}
