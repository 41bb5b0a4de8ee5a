import type { PlatformClient } from '@qianzhi/client';
import {
  type Agreement,
  type BatchManifest,
  isQianzhiError,
  type KeyRecord,
  personRoutes,
  type Receipt,
  type Signed,
  type StreamState,
} from '@qianzhi/model';
import { checkReceipts, documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';

/** The signed documents of one resource as the platform hands them to an auditor. */
export interface ResourceEvidence {
  readonly manifests: readonly Signed<BatchManifest>[];
  readonly receipts: readonly Signed<Receipt>[];
}

export interface Evidence {
  readonly keys: readonly KeyRecord[];
  readonly resources: ReadonlyMap<string, ResourceEvidence>;
  readonly agreements: readonly Agreement[];
}

export async function collectEvidence(
  auditor: PlatformClient,
  resources: readonly string[],
  signal: AbortSignal,
): Promise<Evidence> {
  const { keys } = await auditor.call(personRoutes.keyDirectory, {}, signal);
  const { agreements } = await auditor.call(personRoutes.listAgreements, { query: {} }, signal);
  const { streams } = await auditor.call(personRoutes.listStreams, { query: {} }, signal);
  const found = new Map<string, ResourceEvidence>();
  for (const resource of resources) {
    const own = streams.filter((state) => state.stream.resource === resource);
    const manifests = (await Promise.all(own.map((state) => manifestsOf(auditor, state, signal)))).flat();
    found.set(resource, { manifests, receipts: await receiptsOf(auditor, resource, signal) });
  }
  return { keys, resources: found, agreements };
}

async function manifestsOf(auditor: PlatformClient, { stream }: StreamState, signal: AbortSignal) {
  const all: Signed<BatchManifest>[] = [];
  for (;;) {
    const query = { after: all.at(-1)?.body.seq ?? 0, limit: 1000 };
    const params = { resource: stream.resource, agent: stream.agent, epoch: stream.epoch };
    const { manifests } = await auditor.call(personRoutes.listBatches, { params, query }, signal);
    if (manifests.length === 0) return all;
    all.push(...manifests);
  }
}

async function receiptsOf(auditor: PlatformClient, resource: string, signal: AbortSignal) {
  const all: Signed<Receipt>[] = [];
  for (;;) {
    const query = { resource, after: all.at(-1)?.body.id, limit: 1000 };
    const { receipts } = await auditor.call(personRoutes.listReceipts, { query }, signal);
    if (receipts.length === 0) return all;
    all.push(...receipts);
  }
}

/** What is wrong with the documents themselves: signatures, chains, and receipts that name other rows than the manifests. */
export function checkEvidence(evidence: Evidence): {
  verified: number;
  found: { name: string; what: string }[];
} {
  const found: { name: string; what: string }[] = [];
  let verified = 0;
  for (const [resource, { manifests, receipts }] of evidence.resources) {
    const check = checkReceipts(receipts, evidence.keys);
    verified += check.verified;
    found.push(
      ...check.problems.map((problem) => ({
        name: 'receipt',
        what: `${resource} ${problem.receipt} ${problem.code}`,
      })),
    );
    found.push(...checkManifests(resource, manifests, evidence.keys));
    found.push(...checkStored(resource, manifests, receipts));
  }
  for (const { id, grant } of evidence.agreements) {
    if (grant && !isVerified(grant, evidence.keys))
      found.push({ name: 'grant', what: `${id} signature-wrong` });
  }
  return { verified, found };
}

function checkManifests(
  resource: string,
  manifests: readonly Signed<BatchManifest>[],
  keys: readonly KeyRecord[],
) {
  const found: { name: string; what: string }[] = [];
  let previous: string | null = null;
  for (const manifest of manifests) {
    const place = `${resource} #${manifest.body.seq}`;
    if (!isVerified(manifest, keys)) found.push({ name: 'batch', what: `${place} signature-wrong` });
    if (manifest.body.seq > 1 && manifest.body.previous !== previous)
      found.push({ name: 'batch', what: `${place} chain-broken` });
    previous = documentDigest(manifest, intlSuite);
  }
  return found;
}

/** Every batch has a stored receipt over the very rows its manifest names. */
function checkStored(
  resource: string,
  manifests: readonly Signed<BatchManifest>[],
  receipts: readonly Signed<Receipt>[],
) {
  const stored = new Map<number, string>();
  for (const { body } of receipts) {
    if (body.stage !== 'stored') continue;
    for (const [index, digest] of body.rowsDigests.entries()) stored.set(body.seqFrom + index, digest);
  }
  return manifests
    .filter(({ body }) => stored.get(body.seq) !== body.rowsDigest)
    .map(({ body }) => ({ name: 'receipt', what: `${resource} #${body.seq} has no receipt over its rows` }));
}

function isVerified(
  document: Signed<{ readonly issuedAt?: string; readonly sealedAt?: string }>,
  keys: readonly KeyRecord[],
) {
  try {
    verifyDocument(
      document,
      keys,
      document.body.issuedAt ?? document.body.sealedAt ?? new Date().toISOString(),
    );
    return true;
  } catch (error) {
    if (isQianzhiError(error)) return false;
    throw error;
  }
}
