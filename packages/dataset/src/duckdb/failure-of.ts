import type { ErrorDetails } from '@qianzhi/model';
import { JobFailure } from '../failure.js';
import type { ChildRequest, ErrorName, SetName } from '../protocol.js';
import { wrongShape } from '../sql/read-set.js';

interface Failure {
  readonly name: ErrorName;
  readonly details: ErrorDetails;
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /^Out of Memory Error(?!.*max_temp_directory_size)/s.test(error.message);
}

/** Reads no more from DuckDB's message than its class and our own names: it quotes the row it failed on. */
export function failureOf(error: unknown, request: ChildRequest): Failure {
  if (error instanceof JobFailure) return { name: error.error, details: error.details };
  const message = error instanceof Error ? error.message : '';
  const kind = /^([A-Z][\w -]{0,40}) Error:/.exec(message)?.[1] ?? nameOf(error);
  if (/No space left on device|ENOSPC|max_temp_directory_size/.test(message))
    return { name: 'DISK_FULL', details: {} };
  if (isOutOfMemory(error)) return { name: 'MEMORY', details: { memoryLimitMb: request.memoryLimitMb } };
  if (message.includes(wrongShape) || /CSV Error|CSV Parser|frame|ZSTD|compress/i.test(message)) {
    return { name: 'ROWS_BROKEN', details: { fields: request.layout.fields, ...placeOf(message, request) } };
  }
  return { name: 'FAILED', details: { reason: kind } };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : typeof error;
}

/** The set and the caller's own path, where the message names one of our links. */
function placeOf(message: string, { sets }: ChildRequest): { set: string; file: string } {
  const marked = new RegExp(`${wrongShape}:(\\w+)`).exec(message);
  if (marked) return { set: marked[1]!, file: '*' };
  const link = /file = in\/(\w+)\/(\d{6})\./.exec(message);
  const set = link?.[1] as SetName | undefined;
  return {
    set: set ?? Object.keys(sets).join(', '),
    file: (set && sets[set]?.[Number(link?.[2])]?.path) ?? '*',
  };
}
