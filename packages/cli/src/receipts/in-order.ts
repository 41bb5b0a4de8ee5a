import type { ChainBegin, KeyRecord, Receipt, Signed } from '@qianzhi/model';
import { documentDigest, subjectName, suiteOf } from '@qianzhi/model/crypto';

type SignedReceipt = Signed<Receipt>;

/**
 * Receipts in the order of issue within each chain (one issuer over one subject), by the digests that link them: lists come
 * in any order. What no link leads to stands at its chain's end, where checking finds the break.
 */
export function inOrder(
  receipts: readonly SignedReceipt[],
  keys: readonly KeyRecord[],
  begins: readonly ChainBegin[] = [],
): SignedReceipt[] {
  const before = new Map(begins.map(({ issuer, subject, previous }) => [`${issuer} ${subject}`, previous]));
  const suites = new Map(keys.map((key) => [key.keyId, key.suite]));
  const digestOf = (receipt: SignedReceipt) =>
    documentDigest(receipt, suiteOf(suites.get(receipt.signature.keyId) ?? 'intl'));
  const chains = groupBy(receipts, chainName);
  return [...chains].flatMap(([name, chain]) => linked(chain, digestOf, before.get(name)));
}

function linked(
  chain: readonly SignedReceipt[],
  digestOf: (receipt: SignedReceipt) => string,
  archived: string | undefined,
): SignedReceipt[] {
  const next = groupBy(chain, (receipt) => receipt.body.previous);
  const ordered: SignedReceipt[] = [];
  const left = new Set(chain);
  // to the end of one branch before the next: an agent that lost its memory wrote receipts anew
  const first = next.get(null) ?? (archived === undefined ? undefined : next.get(archived)) ?? [];
  const branches = [...first].reverse();
  for (let found = branches.pop(); found; found = branches.pop()) {
    if (!left.delete(found)) continue;
    ordered.push(found);
    branches.push(...(next.get(digestOf(found)) ?? []).toReversed());
  }
  const byTime = (a: SignedReceipt, b: SignedReceipt) => (a.body.issuedAt < b.body.issuedAt ? -1 : 1);
  return [...ordered, ...[...left].sort(byTime)];
}

/** One issuer over one subject. */
export function chainName({ body }: SignedReceipt): string {
  return `${body.issuer} ${subjectName(body)}`;
}

function groupBy<T, K>(values: readonly T[], nameOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const name = nameOf(value);
    const group = groups.get(name);
    if (group) group.push(value);
    else groups.set(name, [value]);
  }
  return groups;
}
