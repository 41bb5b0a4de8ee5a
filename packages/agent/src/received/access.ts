import type { Lease } from '@qianzhi/model';
import type { FeedAccess } from '@qianzhi/plugin-api';

/** `ended`: by revocation or at the end of its validity, for good. `lease`: nothing in force says that it may be read. */
export type FeedState =
  | { readonly state: 'open'; readonly agreement: string | undefined }
  | { readonly state: 'ended'; readonly agreement: string | undefined }
  | { readonly state: 'lease'; readonly agreement: string };

/** Whether what a feed holds may be read at this moment. A later version of the same agreement covers what came by an earlier one. */
export function stateOf({ grants, erased }: FeedAccess, lease: Lease | undefined, now: Date): FeedState {
  const [held] = grants;
  if (!held) return { state: erased ? 'ended' : 'open', agreement: undefined };
  const { agreement } = held;
  const live = lease?.live.some((one) => one.agreement === agreement) ?? false;
  const ended = lease?.revoked.some(
    (one) => one.agreement === agreement && one.grantVersion === held.grantVersion,
  );
  // a revocation holds for ever, also in a lease that has run out
  if (ended && !live) return { state: 'ended', agreement };
  const inForce = lease !== undefined && Date.parse(lease.expiresAt) > now.getTime();
  return live && inForce ? { state: 'open', agreement } : { state: 'lease', agreement };
}
