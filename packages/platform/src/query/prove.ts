import {
  type CatalogResource,
  type Grant,
  isQianzhiError,
  type LocalText,
  projectResource,
  type QueryAnswer,
  type QueryRequest,
  readScope,
  type Signed,
  scopeColumns,
} from '@qianzhi/model';
import { suiteOf, verifyDocument } from '@qianzhi/model/crypto';
import {
  compileProjector,
  compileScope,
  type RowProjector,
  type RowScope,
  readRows,
  scanRows,
} from '@qianzhi/rows';
import { pseudonymKey } from '../exchange/deliveries/projection.js';
import type { PlatformContext } from '../server/context.js';
import { queryErrors } from './errors.js';
import type { Answered, Tunnel } from './tunnel.js';

/** A request that the platform signed, and its digest. */
export interface Question {
  readonly document: Signed<QueryRequest>;
  readonly digest: string;
}

/** An answer that its agent vouches for, as it may go on. */
export interface Proven {
  readonly answer: Signed<QueryAnswer>;
  readonly values: (string | null)[][];
  readonly digest: string;
  readonly bytes: number;
  /** The rows are those that the agent signed; else pseudonyms were put in here. */
  readonly own: boolean;
}

type Prove = (
  answered: Answered,
  question: Question,
  grant: Grant,
  resource: CatalogResource,
  tunnel: Tunnel,
) => Promise<Proven>;

/** Nothing of an answer is believed: signature, request, digest, form of every row, counts and bounds. */
export function createProver({ db, now }: Pick<PlatformContext, 'db' | 'now'>): Prove {
  const projectors = new Map<string, RowProjector>();

  async function pseudonymised(grant: Grant, columns: readonly string[]): Promise<RowProjector | undefined> {
    const masked = columns.filter((column) => grant.masks[column] === 'pseudonym');
    if (masked.length === 0) return undefined;
    const name = `${grant.agreement} ${columns.join()} ${masked.join()}`;
    const known = projectors.get(name);
    if (known) return known;
    const key = await pseudonymKey(db, grant.agreement);
    const items = columns.map((column) => ({ name: column, column, type: 'M' as const }));
    const masks = Object.fromEntries(masked.map((column) => [column, 'pseudonym' as const]));
    const projector = compileProjector({ code: grant.resource, items } as never, columns, {
      masks,
      pseudonymKey: key,
    });
    if (projectors.size > 1_000) projectors.clear();
    projectors.set(name, projector);
    return projector;
  }

  /** Where the answer shows in clear what the scope looks at; else it was judged by the provider's agent alone. */
  function scopeOf(
    { rows, masks }: Grant,
    resource: CatalogResource,
    items: readonly string[],
  ): RowScope | undefined {
    if (rows === undefined) return undefined;
    const shown = (column: string) => items.includes(column) && !Object.hasOwn(masks, column);
    if (!scopeColumns(readScope(rows, resource)).every(shown)) return undefined;
    return compileScope(projectResource(resource, items), rows);
  }

  return async ({ answer, bytes }, question, grant, resource, tunnel) => {
    const { body } = answer;
    const { agent, key } = tunnel.caller;
    const { id, items, maxRows, maxBytes, lookups } = question.document.body;
    const wrong = (problem: LocalText, cause?: unknown) =>
      queryErrors.QUERY_ANSWER_WRONG({ agent, id, problem }, cause);
    try {
      verifyDocument(answer, [key], now().toISOString());
      const { rows, snapshots } = scanRows(bytes, items.length);
      if (rows !== body.rows) throw wrong(problems.counts);
      if (snapshots !== rows) throw wrong(problems.form);
    } catch (error) {
      if (isQianzhiError(error, 'QZ_PLATFORM_QUERY_ANSWER_WRONG')) throw error;
      throw wrong(
        isQianzhiError(error) && error.code.startsWith('QZ_ROWS') ? problems.form : problems.signature,
        error,
      );
    }
    const digest = suiteOf('intl').digest(bytes);
    const fits = body.id === id && body.agent === agent && body.requestDigest === question.digest;
    if (!fits) throw wrong(problems.request);
    if (body.rowsDigest !== digest || body.bytes !== bytes.length) throw wrong(problems.digest);
    const counted = body.counts.reduce((sum, count) => sum + count, 0);
    const isWhole = body.counts.length === lookups.length && body.rejected === 0;
    if (
      counted !== body.rows ||
      body.counts.length > lookups.length ||
      body.rows > maxRows ||
      bytes.length > maxBytes
    )
      throw wrong(problems.counts);
    if (body.complete !== (body.stoppedBy === null) || (body.complete && !isWhole))
      throw wrong(problems.complete);
    if (scopeOf(grant, resource, items)?.judge(bytes).includes(0)) throw wrong(problems.scope);
    const projector = await pseudonymised(grant, items);
    const shown = projector ? projector.project(bytes) : bytes;
    const values: (string | null)[][] = [];
    readRows(shown, (_, fields) => values.push(fields));
    return {
      answer,
      values,
      digest: projector ? suiteOf('intl').digest(shown) : digest,
      bytes: shown.length,
      own: projector === undefined,
    };
  };
}

const problems = {
  signature: { zh: '签名不符', en: 'its signature does not hold' },
  request: { zh: '答复的是另一个请求', en: 'it answers another request' },
  digest: { zh: '数据与摘要不符', en: 'its rows are not those of the digest' },
  form: { zh: '数据不是规范行文本', en: 'its rows are no canonical row text' },
  counts: { zh: '行数不符或超过上限', en: 'its counts do not fit, or pass the bounds' },
  scope: { zh: '含行范围以外的数据行', en: 'it holds rows out of the scope of the agreement' },
  complete: { zh: '完整与否自相矛盾', en: 'it contradicts itself in whether it is complete' },
} as const;
