import {
  fromProblem,
  isQianzhiError,
  type Problem,
  QianzhiError,
  systemCode,
  systemReason,
  toProblem,
} from '@qianzhi/model';
import { engineErrors } from './errors.js';

/** Anything thrown, as a coded error: an unknown one is internal, with its name only (its text may hold values). */
export function codedError(error: unknown, what: string): QianzhiError {
  if (error instanceof QianzhiError) return error;
  const thrown = error instanceof Error ? error.name : typeof error;
  const name = systemCode(error) === undefined ? thrown : systemReason(error);
  return engineErrors.UNEXPECTED({ what, name }, error);
}

export function problemText(error: QianzhiError): string {
  return JSON.stringify(toProblem(error));
}

export function problemOf(text: string | null): Problem | undefined {
  return text === null ? undefined : (JSON.parse(text) as Problem);
}

/** The stored error, to be thrown again. */
export function errorOf(text: string): QianzhiError {
  return fromProblem(JSON.parse(text) as Problem);
}

/** The engine itself stops: not a failure of the work. */
export function isStopping(error: unknown): boolean {
  return isQianzhiError(error, 'QZ_ENGINE_STOPPING');
}
