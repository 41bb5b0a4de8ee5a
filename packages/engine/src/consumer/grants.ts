import type { CatalogResource, ConsumeExchange, DeliveryStream, Grant, Signed, Stream } from '@qianzhi/model';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';

export interface GrantInForce {
  readonly grant: Signed<Grant>;
  /** The granted items only, one entry for each schema version in use. */
  readonly resources: readonly CatalogResource[];
  readonly streams: readonly Stream[];
}

/**
 * The grant versions an exchange consumes: of the agreement it names, or of the department's only one on the resource.
 * Throws QZ_ENGINE_NO_GRANT, QZ_ENGINE_GRANT_AMBIGUOUS or, before the first assignments, QZ_ENGINE_ASSIGNMENTS_MISSING.
 */
export function grantsOf(core: Core, exchange: ConsumeExchange): readonly GrantInForce[] {
  const assignments = core.options.assignments();
  if (!assignments) throw engineErrors.ASSIGNMENTS_MISSING({ what: { zh: '任务', en: 'assignments' } });
  const found = assignments.consume.filter(
    ({ grant: { body } }) =>
      body.resource === exchange.consume &&
      (exchange.agreement === undefined || body.agreement === exchange.agreement),
  );
  const agreements = [...new Set(found.map(({ grant }) => grant.body.agreement))];
  const facts = { exchange: exchange.name, resource: exchange.consume };
  if (agreements.length === 0) throw engineErrors.NO_GRANT(facts);
  if (agreements.length > 1) {
    throw engineErrors.GRANT_AMBIGUOUS({ ...facts, agreements: agreements.join(', ') });
  }
  return found;
}

export type LeaseState =
  | { readonly state: 'live' }
  | { readonly state: 'revoked'; readonly reason: string }
  | { readonly state: 'expired'; readonly expiresAt: string };

/** What the lease says of a delivery at this moment: asked before each apply (design: promise 7). */
export function leaseState(core: Core, { agreement, grantVersion }: DeliveryStream): LeaseState {
  return grantState(core, agreement, grantVersion);
}

export function grantState(core: Core, agreement: string, grantVersion: number): LeaseState {
  const lease = core.options.lease();
  const same = (one: { readonly agreement: string; readonly grantVersion: number }) =>
    one.agreement === agreement && one.grantVersion === grantVersion;
  // a revocation holds for ever, also in a lease that has run out
  const revoked = lease?.revoked.find(same);
  if (revoked) return { state: 'revoked', reason: revoked.reason };
  if (!lease) return { state: 'expired', expiresAt: '-' };
  const { agent } = core.options.identity;
  const live =
    lease.agent === agent &&
    Date.parse(lease.expiresAt) > core.clock.now().getTime() &&
    lease.live.some(same);
  return live ? { state: 'live' } : { state: 'expired', expiresAt: lease.expiresAt };
}
