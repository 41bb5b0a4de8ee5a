import { isQianzhiError } from '@qianzhi/model';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { PlatformConfig } from './config.js';

const GATHER_MS = 50;
const GATHER_BYTES = 8 * 1024;

/** JSON lines on standard error unless told. */
export function createLog(level: PlatformConfig['logLevel'], to: DestinationStream = gathered(2)): Logger {
  return pino({ level, base: { part: 'platform' }, serializers: { err: failureOf } }, to);
}

/** Lines that come close to each other are written at once, a write for each being a good part of what a small request costs; an exit writes what is left. */
function gathered(dest: number): DestinationStream {
  const out = pino.destination({ dest, sync: false, minLength: GATHER_BYTES });
  let soon: NodeJS.Timeout | undefined;
  return {
    write(line) {
      out.write(line);
      if (soon) return;
      soon = setTimeout(() => {
        soon = undefined;
        out.flush();
      }, GATHER_MS).unref();
    },
  };
}

/**
 * A failure without values: what a driver says of one repeats those of the row, in its message and in fields beside it. Of its
 * message the statement is kept, which has placeholders.
 */
function failureOf(error: Error & { readonly code?: string }): object {
  const { name, code, message, stack = '' } = error;
  const spoken = code === undefined || isQianzhiError(error) ? message : message.split(' - ', 1)[0];
  const at = stack.slice(Math.max(stack.indexOf('\n    at '), 0));
  return { name, code, message: spoken, stack: at };
}
