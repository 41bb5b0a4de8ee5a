import { isQianzhiError, type QianzhiError } from '@qianzhi/model';

/** Told of each thing wrong with a config, and where it stands (a JSON pointer); may throw to stop at it. */
export type Report = (error: QianzhiError, pointer: string) => void;

/** What starting does: nothing runs on a config that is wrong anywhere. */
export const stopAtFirst: Report = (error) => {
  throw error;
};

/** Runs `work`; a coded error is reported and answered as undefined, so that the rest is still looked at. */
export async function attempt<T>(
  report: Report,
  pointer: string,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    report(error, pointer);
    return undefined;
  }
}
