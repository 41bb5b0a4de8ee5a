import type { PushRequest } from '@qianzhi/plugin-api';
import { LosslessNumber, parse } from 'lossless-json';
import type { PushReason } from './reasons.js';

/** A record as it was given, or why it is none. */
export type GivenRecord =
  | { readonly op: 'upsert' | 'delete'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly reason: PushReason };

/** Reads a request's records; numbers stay the text they are. Blank lines are no records. */
export function readBody({ form, text }: Pick<PushRequest, 'form' | 'text'>): GivenRecord[] {
  if (form !== 'lines') return [recordOf(form, parsed(text))];
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => lineRecord(parsed(line)));
}

const NOT_JSON = Symbol('not JSON');

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // what it says of the text may hold values; that it is none is all that is told
    return NOT_JSON;
  }
}

function lineRecord(line: unknown): GivenRecord {
  if (line === NOT_JSON) return { reason: 'not-json' };
  if (!isObject(line)) return { reason: 'not-a-change' };
  const [only, ...more] = Object.entries(line);
  if (!only || more.length > 0) return { reason: 'not-a-change' };
  const [op, value] = only;
  return op === 'upsert' || op === 'delete' ? recordOf(op, value) : { reason: 'not-a-change' };
}

function recordOf(op: 'upsert' | 'delete', value: unknown): GivenRecord {
  if (value === NOT_JSON) return { reason: 'not-json' };
  return isObject(value) ? { op, values: value } : { reason: 'not-a-record' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}
