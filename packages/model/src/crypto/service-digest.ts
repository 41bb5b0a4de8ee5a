import type { QueryService } from '../catalog/query-service.js';
import { canonicalBytes } from './canonical.js';
import { suiteOf } from './suites.js';

/** Entries stay the same objects for as long as they are at hand. */
const known = new WeakMap<QueryService, string>();

/** Names a query service exactly as it is published: both sides of a question must know the same one. */
export function serviceDigest(service: QueryService): string {
  let digest = known.get(service);
  if (digest === undefined) {
    digest = suiteOf('intl').digest(canonicalBytes(service));
    known.set(service, digest);
  }
  return digest;
}
