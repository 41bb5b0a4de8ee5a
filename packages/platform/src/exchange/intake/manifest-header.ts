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

/** The signed manifest a batch of the resource comes with. Throws QZ_PLATFORM_MANIFEST_UNREADABLE (integrity). */
export function readManifest(headers: IncomingHttpHeaders, resource: string): Signed<BatchManifest> {
  const unreadable = (problem: string, problemZh: string, cause?: unknown) =>
    exchangeErrors.MANIFEST_UNREADABLE({ resource, problem, problemZh }, cause);
  const header = headers[MANIFEST_HEADER];
  if (typeof header !== 'string') throw unreadable('it is missing', '缺失');
  if (header.length > MAX_HEADER_CHARS) throw unreadable('it is too long', '过长');
  try {
    const document: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return checkShape(SignedManifestSchema, document, MANIFEST_HEADER);
  } catch (cause) {
    if (!isQianzhiError(cause))
      throw unreadable('it is not base64url of JSON', '不是 JSON 的 base64url', cause);
    throw unreadable(cause.texts.en.message, cause.texts.zh.message, cause);
  }
}
