import type { LedgerRow, LoadedPart, OnRejected, PartLoader, SinkBatch } from '@qianzhi/plugin-api';

/** When a batch counts: at once, or, loaded ahead, after the parts before it. */
export interface Turn {
  readonly ahead: boolean;
  /** Resolves when all batches before are committed; asked for once. */
  comes(): Promise<OnRejected>;
}

export function atOnce(onRejected: OnRejected): Turn {
  return { ahead: false, comes: async () => onRejected };
}

/** Two servers' processes are all that a part's rows, coming through one of ours, can keep busy. */
const AT_ONCE = 2;

/** `write` brings each part in, on a session of its own, as far as it goes before its turn. */
export function createPartLoader(
  write: (batch: SinkBatch, turn: Turn, signal: AbortSignal) => Promise<LedgerRow>,
) {
  const open = new Set<LoadedPart>();

  async function load(batch: SinkBatch, signal: AbortSignal): Promise<LoadedPart> {
    const ending = new AbortController();
    const onAbort = () => ending.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const turn = createTurn(ending.signal);
    const written = write(batch, turn, ending.signal);
    const ended = written
      .catch(() => undefined)
      .then(() => {
        signal.removeEventListener('abort', onAbort);
        open.delete(part);
      });
    let committing = false;
    const part: LoadedPart = {
      commit(onRejected) {
        committing = true;
        turn.give(onRejected);
        return written;
      },
      async [Symbol.asyncDispose]() {
        if (!committing) turn.take(ending);
        await ended;
      },
    };
    open.add(part);
    await Promise.race([turn.awaited, written]);
    return part;
  }

  return {
    parts: { atOnce: AT_ONCE, load } satisfies PartLoader,
    /** Ends what is loaded, or being loaded, and not committed. */
    async rollBack(): Promise<void> {
      await Promise.all([...open].map((part) => part[Symbol.asyncDispose]()));
    },
  };
}

/** A turn that is given later, or never. */
function createTurn(signal: AbortSignal) {
  let give: (onRejected: OnRejected) => void = () => {};
  let refuse: (reason: unknown) => void = () => {};
  const given = new Promise<OnRejected>((resolve, reject) => {
    give = resolve;
    refuse = reject;
  });
  given.catch(() => undefined);
  let told: () => void = () => {};
  let asked = false;
  const awaited = new Promise<void>((resolve) => {
    told = resolve;
  });
  signal.addEventListener('abort', () => refuse(signal.reason), { once: true });
  return {
    ahead: true,
    comes() {
      asked = true;
      told();
      return given;
    },
    awaited,
    give,
    /** It will not come. What still loads is ended with its session; what is loaded only rolls back. */
    take(ending: AbortController) {
      const reason = new Error('rolled back before its turn');
      if (asked) refuse(reason);
      else ending.abort(reason);
    },
  };
}
