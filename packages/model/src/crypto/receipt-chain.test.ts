import { describe, expect, it } from 'vitest';
import { noCounts, type Receipt } from '../receipt/receipt.js';
import { documentDigest, signDocument } from './documents.js';
import { intlSuite } from './intl.js';
import { keyIdOf } from './key-id.js';
import { checkReceipts } from './receipt-chain.js';

const pair = intlSuite.generateKeyPair();
const key = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
const record = {
  keyId: key.keyId,
  owner: 'platform',
  suite: 'intl',
  publicKey: pair.publicKey,
  validFrom: '2026-01-01T00:00:00.000Z',
};
const digest = intlSuite.digest(new Uint8Array(1));

function chain(changes: Partial<Receipt>[]) {
  let previous: string | null = null;
  return changes.map((change, index) => {
    const body: Receipt = {
      type: 'receipt',
      version: 1,
      id: `r${index + 1}`,
      stage: 'stored',
      subject: { stream: { resource: 'a', agent: 'x', epoch: 1 } },
      issuer: 'platform',
      seqFrom: index + 1,
      seqTo: index + 1,
      rowsDigests: [digest],
      rows: 1,
      previous,
      issuedAt: '2026-02-01T00:00:00.000Z',
      ...change,
    };
    const receipt = signDocument(body, key);
    previous = documentDigest(receipt, intlSuite);
    return receipt;
  });
}

describe('checkReceipts', () => {
  it('verifies an unbroken chain', () => {
    expect(checkReceipts(chain([{}, {}, {}]), [record])).toEqual({ verified: 3, problems: [] });
  });

  it('names a receipt that was changed, left out, or issued by another', () => {
    const [first, second, third] = chain([{}, {}, {}]);
    const changed = { ...second!, body: { ...second!.body, rows: 2 } };
    expect(checkReceipts([first!, changed], [record]).problems).toMatchObject([
      { receipt: 'r2', code: 'signature-wrong' },
    ]);
    expect(checkReceipts([first!, third!], [record]).problems.map((p) => p.code)).toEqual([
      'chain-broken',
      'sequence-gap',
    ]);
    expect(checkReceipts(chain([{ issuer: 'agent-x' }]), [record]).problems).toMatchObject([
      { code: 'issuer-wrong' },
    ]);
  });

  it('accepts receipts written anew by an issuer that lost its memory, if they state the same', () => {
    const before = chain([{}, {}]);
    const anew = chain([{ id: 'n1' }, { id: 'n2' }, { id: 'n3' }]);
    expect(checkReceipts([...before, ...anew], [record])).toEqual({ verified: 5, problems: [] });
    const other = chain([{ id: 'o1', rows: 2 }]);
    expect(checkReceipts([...before, ...other], [record]).problems).toMatchObject([
      { receipt: 'o1', code: 'chain-broken' },
    ]);
  });

  it('names counts that do not add up and digests that are missing', () => {
    const unbalanced = { stage: 'applied' as const, counts: { ...noCounts, delivered: 2, inserted: 1 } };
    expect(checkReceipts(chain([unbalanced]), [record]).problems).toMatchObject([
      { code: 'counts-unbalanced' },
    ]);
    expect(checkReceipts(chain([{ seqTo: 2 }]), [record]).problems).toMatchObject([
      { code: 'digest-count-wrong' },
    ]);
  });
});
