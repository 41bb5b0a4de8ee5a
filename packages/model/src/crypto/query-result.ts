import { isQianzhiError } from '../errors/qianzhi-error.js';
import { modelErrors } from '../errors.js';
import type { QueryResult } from '../query/answer.js';
import { answerText } from '../query/row-text.js';
import { documentDigest, verifyDocument } from './documents.js';
import type { KeyRecord } from './keys.js';
import type { Signed } from './signed.js';
import { suiteOf } from './suites.js';

/**
 * Proves an answer by the key directory alone: its values are what the platform's receipt states, and what the provider's agent
 * signed; it is not shown as more complete than that. Throws QZ_MODEL_QUERY_UNTRUSTED.
 */
export function checkQueryResult(result: QueryResult, keys: readonly KeyRecord[]): void {
  const { id, values, digest, rows, receipt, request, answer } = result;
  const untrusted = (zh: string, en: string) => modelErrors.QUERY_UNTRUSTED({ id, problem: { zh, en } });
  const computed = suiteOf('intl').digest(new TextEncoder().encode(answerText(values)));
  if (computed !== digest || values.length !== rows)
    throw untrusted('数据与摘要不符', 'the rows are not those of the digest');
  const { stage, rowsDigests, rows: stated, subject } = receipt.body;
  const use = 'use' in subject ? subject.use : undefined;
  const isStated =
    stage === 'delivered' &&
    rowsDigests[0] === digest &&
    stated === rows &&
    use?.agreement === result.agreement &&
    use.grantVersion === result.grantVersion &&
    use.resource === result.resource;
  if (!isStated || signerOf(receipt, receipt.body.issuedAt, keys) !== 'platform')
    throw untrusted('签收凭证不是平台对此结果所签', 'the receipt is not the platform’s for these rows');
  const asked = request.body;
  const isAsked =
    asked.id === id &&
    asked.resource === result.resource &&
    asked.schemaVersion === result.schemaVersion &&
    asked.service === result.service &&
    asked.agreement === result.agreement &&
    asked.grantVersion === result.grantVersion &&
    asked.items.join() === result.items.join();
  if (!isAsked || signerOf(request, request.body.issuedAt, keys) !== 'platform')
    throw untrusted('所附请求不是平台所签', 'the request that comes with it is not the platform’s');
  if (answer === null) return;
  const { body } = answer;
  const isAnswered =
    body.id === id &&
    body.agent === asked.agent &&
    (body.agent === 'platform') === (body.states !== undefined) &&
    body.requestDigest === documentDigest(request, suiteOf('intl')) &&
    body.rowsDigest === digest &&
    body.rows === rows &&
    body.complete === result.complete &&
    body.stoppedBy === result.stoppedBy &&
    body.counts.join() === result.counts.join();
  if (!isAnswered || signerOf(answer, body.answeredAt, keys) !== body.agent)
    throw untrusted('应答方的签名不对应此结果', 'who answered did not sign these rows');
}

/** Owner of the key; undefined where the signature does not hold. */
function signerOf(document: Signed<unknown>, at: string, keys: readonly KeyRecord[]): string | undefined {
  try {
    return verifyDocument(document, keys, at).owner;
  } catch (error) {
    if (isQianzhiError(error)) return undefined;
    throw error;
  }
}
