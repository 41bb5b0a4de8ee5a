import type { ErrorDetails } from '@qianzhi/model';
import type { ErrorName } from './protocol.js';

/** How the child says what went wrong: the parent makes the QianzhiError. The message is never a row's content. */
export class JobFailure extends Error {
  readonly error: ErrorName;
  readonly details: ErrorDetails;

  constructor(error: ErrorName, details: ErrorDetails, cause?: unknown) {
    super(error, { cause });
    this.error = error;
    this.details = details;
  }
}
