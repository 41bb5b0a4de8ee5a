import { throwIfCancelled } from '@qianzhi/model';

const queues = new Map<string, Promise<void>>();

/**
 * Waits for this process's turn to write `path`, then answers what ends the turn. A file has one writer: sinks of one agent
 * that share it queue here in order instead of retrying against each other.
 */
export async function takeTurn(path: string, doing: string, signal: AbortSignal): Promise<() => void> {
  const before = queues.get(path) ?? Promise.resolve();
  let end = (): void => {};
  const mine = new Promise<void>((resolve) => {
    end = resolve;
  });
  const tail = before.then(() => mine);
  queues.set(path, tail);
  const leave = (): void => {
    end();
    if (queues.get(path) === tail) queues.delete(path);
  };
  try {
    await orAborted(before, signal);
    throwIfCancelled(signal, doing);
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

function orAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void turn.then(done);
    if (signal.aborted) done();
  });
}
