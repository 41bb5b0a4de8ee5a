import { type EmitContext, emitDeleteItem, emitItem, reasonNumbers } from './emit.js';
import { citizenIdBytes, orgCodeBytes, regNoBytes, usccBytes } from './identifier-bytes.js';
import type { ItemPlan } from './plan.js';
import { textEnd } from './text-end.js';
import { dateEnd, floatEnd, specialNumberEnd, timestampEnd } from './value-checks.js';

/** Turns the flags met in a row into the caller's records. */
export interface FlagSink {
  /** Steps over a character outside U+0000–U+DFFF and flags it if it is private-use or U+FFFD. */
  rare(b: Uint8Array, p: number, item: number): number;
  flagIdentifier(item: number): void;
}

/** Why and where the last row failed, as numbers. */
export interface RowFailure {
  item: number;
  reason: number;
}

/**
 * Checks one row from its op byte; answers where the next one starts, or -1 and fills `failure`.
 * The bytes end with LF, are valid UTF-8 and hold no U+0000.
 */
export type RowCheck = (b: Uint8Array, p: number) => number;

const helperFunctions = {
  textEnd,
  dateEnd,
  timestampEnd,
  floatEnd,
  specialNumberEnd,
  citizenId: citizenIdBytes,
  uscc: usccBytes,
  regNo: regNoBytes,
  orgCode: orgCodeBytes,
};

/** V8 stops optimising very large functions, so wide resources are checked in functions of this many items. */
const GROUP_ITEMS = 24;
const TAB = 9;
const LF = 10;

export function generateRowCheck(items: readonly ItemPlan[], failure: RowFailure, flags: FlagSink): RowCheck {
  const watched = new Set(items.flatMap((plan) => (plan.idType ? [plan.index, plan.idType.index] : [])));
  const contexts = items.map((plan): EmitContext => {
    return {
      plan,
      delimiter: plan.index === items.length - 1 ? LF : TAB,
      watched: watched.has(plan.index),
      fail: (reason) => failSource(plan.index, reason),
    };
  });
  const groups = Array.from({ length: Math.ceil(contexts.length / GROUP_ITEMS) }, (_, group) =>
    contexts.slice(group * GROUP_ITEMS, (group + 1) * GROUP_ITEMS),
  );
  const helpers = {
    ...helperFunctions,
    items,
    failure,
    late: new Int32Array(items.length * 2),
    rare: flags.rare,
    flagIdentifier: flags.flagIdentifier,
  };
  const names = Object.keys(helpers);
  const hoisted = items.flatMap((plan) => [
    plan.codes ? `const codes${plan.index}=items[${plan.index}].codes.check;` : '',
    plan.pattern ? `const pattern${plan.index}=items[${plan.index}].pattern.check;` : '',
    plan.range ? `const range${plan.index}=items[${plan.index}].range.check;` : '',
    plan.idType ? `const card${plan.index}=items[${plan.index}].idType.isResidentCard;` : '',
  ]);
  const source = `'use strict';
const {${names.join(', ')}}=h;
${hoisted.join('')}
function fail(item, reason) { failure.item=item; failure.reason=reason; return -1; }
${groups.map((group, g) => groupSource(`values${g}`, group.map(emitItem))).join('\n')}
${groups.map((group, g) => groupSource(`keys${g}`, group.map(emitDeleteItem))).join('\n')}
return function checkRow(b, p) {
  const op=b[p];
  if (b[p+1]!==9) return fail(-1,0);
  p+=2;
  if (op===85 || op===83) {
    ${groups.map((_, g) => `p=values${g}(b,p); if (p<0) return p;`).join('\n    ')}
    ${items.map(lateSource).join('')}
    return p;
  }
  if (op!==68) return fail(-1,0);
  ${items.some((plan) => plan.item.key) ? '' : failSource(-1, 'delete-without-key')}
  ${groups.map((_, g) => `p=keys${g}(b,p); if (p<0) return p;`).join('\n  ')}
  return p;
};`;
  return new Function('h', source)(helpers) as RowCheck;
}

function failSource(item: number, reason: (typeof reasonNumbers)[number]): string {
  return `return fail(${item},${reasonNumbers.indexOf(reason)});`;
}

function groupSource(name: string, fields: readonly string[]): string {
  return `function ${name}(b, p) { p=p|0; let c=0, n=0, s=0, v=0, r=0;${fields.join('')}
  return p; }`;
}

/** citizenId counts only where the other item says resident card; other schemes of the item always count. */
function lateSource(plan: ItemPlan): string {
  if (!plan.idType || plan.schemes.length === 0) return '';
  const id = plan.index * 2;
  const type = plan.idType.index * 2;
  const call = (scheme: string) => `${scheme}(b,late[${id}],late[${id + 1}])`;
  const all = plan.schemes.map(call).join(' || ');
  const others = plan.schemes.filter((scheme) => scheme !== 'citizenId').map(call);
  const isCard = `late[${type}]>=0 && card${plan.index}(b,late[${type}],late[${type + 1}])`;
  const otherwise = others.length === 0 ? 'true' : `(${others.join(' || ')})`;
  const found = plan.flagInvalid ? `flagIdentifier(${plan.index});` : failSource(plan.index, 'identifier');
  return `if (late[${id}]>=0 && !(${isCard} ? (${all}) : ${otherwise})) { ${found} }`;
}
