import type { Receipt, Signed } from '@qianzhi/model';

/** Receipts on their way from the calls that earned them to the one reader that commits them. */
export interface ReceiptQueue {
  put(receipt: Signed<Receipt>): void;
  /** Yields until the signal fires, then ends. One reader at a time. */
  read(signal: AbortSignal): AsyncIterable<Signed<Receipt>>;
}

export function createReceiptQueue(): ReceiptQueue {
  const waiting: Signed<Receipt>[] = [];
  let wake: (() => void) | undefined;

  async function* read(signal: AbortSignal): AsyncIterable<Signed<Receipt>> {
    const onAbort = () => wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    put(receipt) {
      waiting.push(receipt);
      wake?.();
    },
    read,
  };
}
