import { type AddressRules, type Lookup, pinnedAddress } from './address.js';
import { type PostAnswer, postSigned, type SignedPost } from './signed-post.js';

/** A signed post to an address that the rules allow. Throws QZ_AGENT_WEBHOOK_ADDRESS where they do not, and what lookup and connection throw. */
export async function postPinned(
  post: Omit<SignedPost, 'pinned'>,
  rules: AddressRules,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<PostAnswer> {
  const pinned = await within(pinnedAddress(new URL(post.url), rules, lookup), signal);
  return postSigned({ ...post, pinned }, signal);
}

/** A lookup cannot be given up: what it says after the deadline is of no interest. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
