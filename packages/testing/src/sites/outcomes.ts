import { setTimeout as pause } from 'node:timers/promises';

/** The code of what was thrown. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    () => 'nothing thrown',
    (error) => String(error.code),
  );
}

/** Asks again until it is so; throws after `deadlineMs`. */
export async function until(what: string, is: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(10);
  }
}
