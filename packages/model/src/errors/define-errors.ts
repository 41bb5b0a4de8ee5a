import { fillPlaces } from './fill.js';
import type { ErrorKind } from './kinds.js';
import type { Language } from './language.js';
import { type ErrorDetails, type ErrorText, type ErrorTexts, QianzhiError } from './qianzhi-error.js';

/**
 * One entry of an owner's error table. Texts may hold `{name}` places, filled from the details.
 * `message` says what was being done, to what, and what was found; `hint` says what to do next.
 */
export interface ErrorDeclaration {
  readonly kind: ErrorKind;
  readonly zh: ErrorText;
  readonly en: ErrorText;
}

/** The names of the `{name}` places of a text; `{a, b}` and `${env:X}` hold none. */
type PlacesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string}${' ' | ':'}${string}` ? never : Name) | PlacesIn<Rest>
  : never;

type Filled<Place extends string> = ErrorDetails & { readonly [P in Place]: ErrorDetails[string] };

/** Takes the details that fill the texts: one that leaves a place of them open does not compile. */
export type ErrorFactory<Place extends string = never> = [Place] extends [never]
  ? (details?: ErrorDetails, cause?: unknown) => QianzhiError
  : (details: Filled<Place>, cause?: unknown) => QianzhiError;

type FactoriesOf<T extends Record<string, ErrorDeclaration>> = {
  readonly [K in keyof T]: ErrorFactory<PlacesIn<T[K]['zh' | 'en'][keyof ErrorText]>>;
};

export interface DeclaredError extends ErrorDeclaration {
  readonly code: string;
}

const declared = new Map<string, DeclaredError>();

/**
 * Declares an owner's errors and answers a factory for each: `QZ_<OWNER>_<NAME>`.
 * Throws when a code is declared twice with other content, so that two owners never share one.
 */
export function defineErrors<const T extends Record<string, ErrorDeclaration>>(
  owner: string,
  table: T,
): FactoriesOf<T> {
  const factories: Record<string, ErrorFactory> = {};
  for (const [name, declaration] of Object.entries(table)) {
    const code = `QZ_${owner}_${name}`;
    const known = declared.get(code);
    if (known && (known.zh.message !== declaration.zh.message || known.kind !== declaration.kind)) {
      throw new Error(`error code ${code} is declared twice`);
    }
    declared.set(code, { code, ...declaration });
    factories[name] = (details = {}, cause) =>
      new QianzhiError({
        code,
        kind: declaration.kind,
        texts: fillTexts(declaration, details),
        details,
        cause,
      });
  }
  return factories as FactoriesOf<T>;
}

/** Every error declared by the modules loaded so far, by code. */
export function declaredErrors(): readonly DeclaredError[] {
  return [...declared.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

function fillTexts(declaration: ErrorDeclaration, details: ErrorDetails): ErrorTexts {
  return { zh: fillText(declaration, 'zh', details), en: fillText(declaration, 'en', details) };
}

function fillText(declaration: ErrorDeclaration, language: Language, details: ErrorDetails): ErrorText {
  const { message, hint } = declaration[language];
  return { message: fillPlaces(message, details, language), hint: fillPlaces(hint, details, language) };
}
