import { type BatchManifest, type CatalogResource, type Signed, streamName } from '@qianzhi/model';
import { intlSuite, lastingDigest, verifyWithDigest } from '@qianzhi/model/crypto';
import type { ExchangePorts, KeyDirectory } from '../../ports.js';
import type { AgentCaller } from '../../server/caller.js';
import { aboutStream } from '../about.js';
import { exchangeErrors } from '../errors.js';

/** Where a batch was sent to. */
export interface BatchPath {
  readonly resource: string;
  readonly epoch: number;
  readonly seq: number;
}

/** The batch is of the caller's own stream and of the address it was sent to. */
export function checkAddress({ stream, seq }: BatchManifest, path: BatchPath, caller: AgentCaller): void {
  if (stream.agent !== caller.agent) {
    throw exchangeErrors.STREAM_OF_OTHER({ agent: caller.agent, ...aboutStream(stream) });
  }
  if (stream.resource !== path.resource || stream.epoch !== path.epoch || seq !== path.seq) {
    const sentTo = `${path.resource}/${caller.agent}/${path.epoch} ${path.seq}`;
    throw exchangeErrors.BATCH_PATH({
      resource: path.resource,
      named: `${streamName(stream)} ${seq}`,
      path: sentTo,
    });
  }
}

/**
 * A supply duty is in force (which takes a passed secrecy review, R044), and the manifest names it or an earlier
 * one of this agent and resource: a batch may wait in the outbox while a duty is renewed.
 */
export async function checkDuty(manifest: BatchManifest, { duties }: ExchangePorts): Promise<void> {
  const { stream, seq, dutyDigest } = manifest;
  if (!(await duties.duty(stream.resource, stream.agent))) throw exchangeErrors.DUTY_MISSING({ ...stream });
  const given = await duties.everyDuty(stream.resource, stream.agent);
  const named = given.some((duty) => dutyDigest === lastingDigest(duty, intlSuite));
  if (!named) throw exchangeErrors.DUTY_DIFFERS({ ...aboutStream(stream), seq });
}

/** The catalog entry the rows are of. Throws QZ_PLATFORM_SCHEMA_UNKNOWN. */
export async function schemaOf(
  { stream, seq, schemaVersion }: BatchManifest,
  { catalog }: ExchangePorts,
): Promise<CatalogResource> {
  const resource = await catalog.resource(stream.resource, schemaVersion);
  if (!resource) throw exchangeErrors.SCHEMA_UNKNOWN({ ...aboutStream(stream), seq, schemaVersion });
  return resource;
}

/**
 * The manifest is signed by a key of the stream's agent that was valid when the batch was sealed. That the key
 * may still be used is proven by the request's own signature. Answers the manifest's digest.
 */
export async function checkSignature(signed: Signed<BatchManifest>, keys: KeyDirectory): Promise<string> {
  const { body, signature } = signed;
  const record = await keys.find(signature.keyId);
  const { signer, digest } = verifyWithDigest(signed, record ? [record] : [], body.sealedAt);
  if (signer.owner !== body.stream.agent) {
    throw exchangeErrors.MANIFEST_SIGNER({
      ...aboutStream(body.stream),
      seq: body.seq,
      owner: signer.owner,
    });
  }
  return digest;
}
