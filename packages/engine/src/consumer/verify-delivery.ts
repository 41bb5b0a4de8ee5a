import {
  type CatalogResource,
  checkShape,
  type Delivery,
  deliveryName,
  filePartText,
  filesProblem,
  type LocalText,
  type QianzhiError,
  type Signed,
  SignedDeliverySchema,
  wholeFilesProblem,
} from '@qianzhi/model';
import { lastingDigest, verifyWithDigest } from '@qianzhi/model/crypto';
import { openRows, returnBytes } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { GrantInForce } from './grants.js';
import type { DeliveredBatch } from './open-target.js';

/** A delivery whose documents are proven; its bytes are not fetched yet. */
export interface VerifiedDelivery {
  readonly name: string;
  readonly body: Delivery;
  readonly digest: string;
  readonly manifestDigest: string;
  readonly resource: CatalogResource;
}

/** What the delivery before left: a new one must follow it. Digests are null where a crash took the memory of them. */
export interface Predecessor {
  readonly seq: number;
  readonly digest: string | null;
  readonly manifestSeq: number | null;
  readonly manifestDigest: string | null;
}

type Wrong = (zh: string, en: string) => QianzhiError;

const MAX_STORED_OVERHEAD = 1024 * 1024;

/**
 * Proves documents before a byte is fetched: platform's signature, grant, sequence and chain, manifest's signature (the
 * provider's own key, or the platform's for a projection), sizes within the caps.
 */
export function verifyDocuments(
  core: Core,
  input: unknown,
  grants: readonly GrantInForce[],
  predecessor: (name: string) => Predecessor,
): VerifiedDelivery {
  const document = checkShape(SignedDeliverySchema, input, 'delivery') as Signed<Delivery>;
  const { body } = document;
  const name = deliveryName(body.delivery);
  const wrong: Wrong = (zh, en) => deliveryWrong(body, { zh, en });
  const assignments = core.options.assignments();
  if (!assignments) throw engineErrors.ASSIGNMENTS_MISSING({ what: { zh: '任务', en: 'assignments' } });

  const { signer, digest } = verifyWithDigest(document, assignments.keys, body.deliveredAt, core.suite);
  if (signer.owner !== 'platform') throw wrong('并非平台签名', 'it is not signed by the platform');
  const { agreement, grantVersion, stream } = body.delivery;
  const granted = grants.find(
    ({ grant }) => grant.body.agreement === agreement && grant.body.grantVersion === grantVersion,
  );
  if (!granted) throw engineErrors.ASSIGNMENTS_MISSING({ what: `${agreement}/${grantVersion}` });
  if (lastingDigest(granted.grant, core.suite) !== body.grantDigest)
    throw wrong('所引授权与本机所持不同', 'it names another grant');

  const manifest = body.manifest.body;
  const proven = verifyWithDigest(body.manifest, assignments.keys, manifest.sealedAt, core.suite);
  const { signer: maker, digest: manifestDigest } = proven;
  if (maker.owner !== (body.projected ? 'platform' : stream.agent)) {
    throw wrong('清单不是由制作者签名', 'its manifest is not signed by the one who made it');
  }
  if (manifest.stream.resource !== stream.resource)
    throw wrong('清单属于另一资源', 'its manifest is of another resource');
  const sameStream = manifest.stream.agent === stream.agent && manifest.stream.epoch === stream.epoch;
  if (!body.projected && !sameStream) throw wrong('清单属于另一数据流', 'its manifest is of another stream');
  if (manifest.rawBytes > core.limits.batchRawBytes)
    throw wrong('声明的大小超过上限', 'its declared size is over the cap');
  if (manifest.storedBytes > core.limits.batchRawBytes + MAX_STORED_OVERHEAD) {
    throw wrong('存储大小超过上限', 'its stored size is over the cap');
  }

  const before = predecessor(name);
  if (body.seq !== before.seq + 1 && body.seq > before.seq) {
    throw engineErrors.DELIVERY_GAP({
      delivery: name,
      resource: stream.resource,
      seq: body.seq,
      expected: before.seq + 1,
    });
  }
  if (body.seq > before.seq) checkChain(body, before, wrong);
  const resource = granted.resources.find((one) => one.schemaVersion === manifest.schemaVersion);
  if (!resource)
    throw engineErrors.ASSIGNMENTS_MISSING({ what: `${stream.resource} v${manifest.schemaVersion}` });
  checkItems(granted, resource, wrong);
  // judged here once more: the platform is believed as little as the provider
  const problem = filesProblem(manifest, resource);
  if (problem) throw wrong(problem.zh, problem.en);
  return { name, body, digest, manifestDigest, resource };
}

function checkChain(body: Delivery, before: Predecessor, wrong: Wrong): void {
  if (body.seq === 1 ? body.previous !== null : before.digest !== null && body.previous !== before.digest) {
    throw wrong('不接续前一批交付', 'it does not follow the delivery before it');
  }
  const manifest = body.manifest.body;
  if (body.projected || before.manifestSeq === null) return;
  if (manifest.seq <= before.manifestSeq)
    throw wrong('批次不在前一批之后', 'its batch is not after the one before');
  const next = manifest.seq === before.manifestSeq + 1;
  if (next && before.manifestDigest !== null && manifest.previous !== before.manifestDigest) {
    throw wrong('清单不接续前一份', 'its manifest does not follow the one before');
  }
}

/** Exactly the granted items: nothing that was not granted ever reaches the target. */
function checkItems(granted: GrantInForce, resource: CatalogResource, wrong: Wrong): void {
  const allowed = new Set(granted.grant.body.items);
  const extra = resource.items.find((item) => !allowed.has(item.column));
  if (extra) throw wrong(`信息项 ${extra.column} 未获授权`, `item ${extra.column} is not granted`);
}

/** Fetches nothing: proves bytes that were fetched, and opens them into lent memory. Any flipped byte is found here, before apply. */
export async function openBytes(
  core: Core,
  verified: VerifiedDelivery,
  stored: Uint8Array,
): Promise<DeliveredBatch> {
  const { body, resource } = verified;
  const manifest = body.manifest.body;
  const wrong: Wrong = (zh, en) => deliveryWrong(body, { zh, en });
  if (stored.length !== manifest.storedBytes)
    throw wrong('字节数与声明不符', 'its bytes are not as many as declared');
  const { kind, schemaVersion, rawBytes, rowsDigest, bytesDigest } = manifest;
  const fields = resource.items.length;
  const maxRawBytes = core.limits.batchRawBytes;
  const part = manifest.file && filePartText(manifest.file);
  const listBytes = manifest.wholeFiles?.listBytes;
  const about = { kind, schemaVersion, part, listBytes, fields };
  const claim = { ...about, rawBytes, rowsDigest, bytesDigest, maxRawBytes };
  const opened = await openRows(stored, claim, core.suite);
  if ('differs' in opened) {
    throw opened.differs === 'bytes'
      ? wrong('字节在途中被改动', 'its bytes were changed on the way')
      : wrong('数据行与清单不符', 'its rows are not those of the manifest');
  }
  const { counts, raw, files } = opened;
  const delivered = {
    delivery: body.delivery,
    seq: body.seq,
    resource,
    rowsDigest: manifest.rowsDigest,
    rows: manifest.rows,
    bytes: raw,
  };
  if (files) {
    const problem = wholeFilesProblem(files, manifest.rows, resource);
    if (!problem) return { ...delivered, kind: 'whole-files', files, bytes: raw.subarray(listBytes) };
    returnBytes(raw);
    throw wrong(problem.zh, problem.en);
  }
  if (kind === 'files') return { ...delivered, kind, file: manifest.file! };
  const foreign = kind === 'snapshot' ? counts.upserts + counts.deletes : counts.snapshots;
  if (counts.rows !== manifest.rows || foreign > 0) {
    returnBytes(raw);
    if (foreign > 0)
      throw wrong(
        `含有${kind === 'snapshot' ? '快照' : '增量'}批次不应有的操作`,
        `it holds ops that do not belong into a ${kind}`,
      );
    throw wrong('行数与清单不符', 'its row count is not the manifest’s');
  }
  return { ...delivered, kind, ...(manifest.snapshot ? { snapshot: manifest.snapshot } : {}) };
}

export function deliveryWrong(body: Delivery, problem: LocalText): QianzhiError {
  return engineErrors.DELIVERY_WRONG({
    delivery: deliveryName(body.delivery),
    resource: body.delivery.stream.resource,
    seq: body.seq,
    problem,
  });
}
