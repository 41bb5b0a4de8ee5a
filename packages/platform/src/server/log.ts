import { isQianzhiError } from '@qianzhi/model';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { PlatformConfig } from './config.js';

/** JSON lines on standard error unless told. */
export function createLog(
  level: PlatformConfig['logLevel'],
  to: DestinationStream = pino.destination(2),
): Logger {
  return pino({ level, base: { part: 'platform' }, serializers: { err: failureOf } }, to);
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
