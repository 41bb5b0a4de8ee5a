import { fillPlaces } from '../errors/fill.js';
import type { Language } from '../errors/language.js';
import type { ErrorDetails } from '../errors/qianzhi-error.js';

/** An `error` stops publication or supply; a `warning` is shown to the person who decides. */
export type FindingLevel = 'error' | 'warning';

/** One thing found wrong in a catalog entry or between an entry and a table; never holds a row value. */
export interface Finding {
  readonly code: string;
  readonly level: FindingLevel;
  /** Column of the item it is about; absent when it is about the resource. */
  readonly item?: string;
  /** The requirement it comes from (R045), where there is one. */
  readonly rule?: string;
  readonly texts: Readonly<Record<Language, string>>;
}

export interface FindingDeclaration {
  readonly level: FindingLevel;
  readonly rule?: string;
  readonly zh: string;
  readonly en: string;
}

export type FindingFactory = (item?: string, details?: ErrorDetails) => Finding;

/** Declares findings and answers a factory for each. Texts may hold `{name}` places, and `{item}` for the column. */
export function defineFindings<const T extends Record<string, FindingDeclaration>>(
  table: T,
): { readonly [K in keyof T]: FindingFactory } {
  const factories: Record<string, FindingFactory> = {};
  for (const [code, { level, rule, zh, en }] of Object.entries<FindingDeclaration>(table)) {
    factories[code] = (item, details) => {
      const facts = { item, ...details };
      return {
        code,
        level,
        ...(item === undefined ? {} : { item }),
        ...(rule === undefined ? {} : { rule }),
        texts: { zh: fillPlaces(zh, facts, 'zh'), en: fillPlaces(en, facts, 'en') },
      };
    };
  }
  return factories as { readonly [K in keyof T]: FindingFactory };
}
