import type { IncomingHttpHeaders } from 'node:http';
import {
  type BatchManifest,
  checkShape,
  isQianzhiError,
  MANIFEST_HEADER,
  type Signed,
  SignedManifestSchema,
} from '@qianzhi/model';
import { exchangeErrors } from '../errors.js';

const MAX_HEADER_CHARS = 12 * 1024;

/** The signed manifest a batch comes with. Throws QZ_PLATFORM_MANIFEST_UNREADABLE (integrity). */
export function readManifest(headers: IncomingHttpHeaders): Signed<BatchManifest> {
  const header = headers[MANIFEST_HEADER];
  if (typeof header !== 'string') throw exchangeErrors.MANIFEST_UNREADABLE({ problem: 'missing' });
  if (header.length > MAX_HEADER_CHARS) throw exchangeErrors.MANIFEST_UNREADABLE({ problem: 'too long' });
  try {
    const document: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return checkShape(SignedManifestSchema, document, MANIFEST_HEADER);
  } catch (cause) {
    const problem = isQianzhiError(cause) ? cause.message : 'not base64url of JSON';
    throw exchangeErrors.MANIFEST_UNREADABLE({ problem }, cause);
  }
}
