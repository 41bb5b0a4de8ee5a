import { type Static, Type } from '@sinclair/typebox';
import { oneLine } from './fill.js';
import { type ErrorKind, errorKinds } from './kinds.js';
import { currentLanguage } from './language.js';
import { type ErrorDetails, type ErrorText, QianzhiError } from './qianzhi-error.js';

const TextSchema = Type.Object({ message: Type.String(), hint: Type.String() });

/** RFC 9457 problem details, carrying our code and both languages. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    kind: Type.String(),
    texts: Type.Object({ zh: TextSchema, en: TextSchema }),
    details: Type.Record(Type.String(), Type.Any()),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof ProblemSchema>;

export function toProblem(error: QianzhiError): Problem {
  const text = error.texts[currentLanguage()];
  return {
    type: `urn:qianzhi:error:${error.code}`,
    title: text.message,
    status: errorKinds[error.kind].http,
    detail: text.hint,
    code: error.code,
    kind: error.kind,
    texts: { zh: { ...error.texts.zh }, en: { ...error.texts.en } },
    details: { ...error.details },
  };
}

/** The error of another party, as it was there; its texts are input here, so they are kept on one line. */
export function fromProblem(problem: Problem, cause?: unknown): QianzhiError {
  const kind = (Object.hasOwn(errorKinds, problem.kind) ? problem.kind : 'internal') as ErrorKind;
  return new QianzhiError({
    code: problem.code,
    kind,
    texts: { zh: onOneLine(problem.texts.zh), en: onOneLine(problem.texts.en) },
    details: problem.details as ErrorDetails,
    cause,
  });
}

function onOneLine({ message, hint }: ErrorText): ErrorText {
  return { message: oneLine(message), hint: oneLine(hint) };
}
