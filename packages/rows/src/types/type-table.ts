import type { ItemType } from '@qianzhi/model';
import type { RejectReason } from '../reasons.js';
import type { TypedItem } from './canonical-text.js';
import { numberTypes } from './number-vectors.js';
import { textTypes } from './text-vectors.js';
import { timeTypes } from './time-vectors.js';

/** One catalog type. Texts are values, before the row's escapes. */
export interface TypeVectors {
  readonly type: ItemType;
  readonly name: { readonly zh: string; readonly en: string };
  /** The canonical text in words. */
  readonly canonical: string;
  readonly valid: readonly { readonly item: TypedItem; readonly text: string }[];
  readonly invalid: readonly {
    readonly item: TypedItem;
    readonly text: string;
    readonly reason: RejectReason;
  }[];
  /** How drivers print it, and the canonical text it becomes. */
  readonly respelled: readonly { readonly item: TypedItem; readonly from: string; readonly to: string }[];
}

/** Each catalog type's canonical text, with vectors that drive our tests and the connectors'. */
export const typeTable: readonly TypeVectors[] = [...textTypes, ...numberTypes, ...timeTypes];
