import { type ErrorKind, errorKinds } from './kinds.js';
import { currentLanguage, type Language, type LocalText } from './language.js';

/** Facts about one failure: names, counts, places; a text that is not a name is in both languages. Never a secret or row value. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | undefined | LocalText>>;

/** What happened and what to do, in one language. */
export interface ErrorText {
  readonly message: string;
  readonly hint: string;
}

export type ErrorTexts = Readonly<Record<Language, ErrorText>>;

export interface ErrorInit {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly texts: ErrorTexts;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/**
 * The one error of the project. `message` and `hint` are in the process's language at the time of
 * construction; `texts` keeps both, so that a platform error reads well at an agent in the other language.
 */
export class QianzhiError extends Error {
  override readonly name = 'QianzhiError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly texts: ErrorTexts;
  readonly details: ErrorDetails;

  constructor(init: ErrorInit) {
    super(
      init.texts[currentLanguage()].message,
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.code = init.code;
    this.kind = init.kind;
    this.texts = init.texts;
    this.details = init.details ?? {};
  }

  get hint(): string {
    return this.texts[currentLanguage()].hint;
  }

  get retry(): 'never' | 'backoff' | 'capped' {
    return errorKinds[this.kind].retry;
  }
}

export function isQianzhiError(error: unknown, code?: string): error is QianzhiError {
  return error instanceof QianzhiError && (code === undefined || error.code === code);
}
