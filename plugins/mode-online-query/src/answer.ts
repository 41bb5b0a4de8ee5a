import type { Grant, QueryRequest } from '@qianzhi/model';
import type { AcceptedQuery, AnswerRows, EachLimits, OpenQuery, QueryRows } from '@qianzhi/plugin-api';
import {
  compileProjector,
  compileScope,
  compileValidator,
  keepRows,
  projectedResource,
  type RowScope,
  rowOffsets,
} from '@qianzhi/rows';

const MAX_COMPILED = 200;
/** Under a row scope so many rows of one set of parameters are looked through for those that may be shown. */
const LOOKED_THROUGH = 10_000;

/** Compiled parts of questions that are asked again: validators by question, projectors also by grant version. */
export function createAnswerer() {
  const compiled = new Map<string, Compiled>();

  function partsOf({ key, spec }: AcceptedQuery, grant: Grant, columns: readonly string[]): Compiled {
    const name = `${grant.agreement}/${grant.grantVersion}/${columns.join()}/${key}`;
    const known = compiled.get(name);
    if (known) return known;
    // pseudonyms need the platform's key: it puts them in before anything goes on
    const masks = Object.entries(grant.masks).filter(
      ([column, rule]) => rule !== 'pseudonym' && columns.includes(column),
    );
    const narrowed = projectedResource(spec.resource, columns);
    const parts = {
      scope: grant.rows === undefined ? undefined : compileScope(spec.resource, grant.rows),
      narrower: compileProjector(spec.resource, columns),
      validator: compileValidator(withoutKeyRules(narrowed)),
      masker: compileProjector(narrowed, columns, { masks: Object.fromEntries(masks) }),
    };
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(name, parts);
    return parts;
  }

  /**
   * All sets of parameters in one session: each within the bounds of the service, all within those of the request. Rows out of the
   * grant's scope are not there, and not counted.
   */
  return async function answer(
    request: QueryRequest,
    grant: Grant,
    accepted: AcceptedQuery,
    query: OpenQuery,
    signal: AbortSignal,
  ): Promise<AnswerRows> {
    const service = accepted.spec.resource.queries!.find(({ name }) => name === request.service)!;
    const { scope, narrower, validator, masker } = partsOf(accepted, grant, request.items);
    const { sets } = accepted;
    const { maxRows: maxRowsInAll, maxBytes } = request;
    const { maxRows } = service;
    const lookedAt = (rows: number) => (scope ? Math.max(rows, LOOKED_THROUGH) : rows);
    const limits = { maxRows: lookedAt(maxRows), maxRowsInAll: lookedAt(maxRowsInAll), maxBytes };
    const one = { maxRows: lookedAt(Math.min(maxRows, maxRowsInAll)), maxBytes };
    const found =
      sets.length === 1
        ? [await query.run(sets[0]!, one, signal)]
        : await query.runEach(sets, limits, signal);
    const answers = scope ? inScope(found, scope, { maxRows, maxRowsInAll }) : found;
    const valid = validator.validate(narrower.project(Buffer.concat(answers.map(({ bytes }) => bytes))));
    const counts = countsWithout(answers, valid.rejected);
    const rejected = valid.rejected.length + answers.reduce((sum, one) => sum + one.rejected.length, 0);
    const cut = answers.find(({ stoppedBy }) => stoppedBy)?.stoppedBy;
    return {
      bytes: masker.project(valid.bytes),
      rows: valid.rows,
      counts,
      stoppedBy: cut ?? (rejected > 0 ? 'rejected' : undefined),
      rejected,
    };
  };
}

/** Rows in scope of each answer, no more than may be shown. Deletes do not occur in an answer, so no key is needed. */
function inScope(
  found: readonly QueryRows[],
  scope: RowScope,
  { maxRows, maxRowsInAll }: Pick<EachLimits, 'maxRows' | 'maxRowsInAll'>,
): readonly QueryRows[] {
  let left = maxRowsInAll;
  return found.map((one) => {
    const kept = keepRows(one.bytes, scope.judge(one.bytes), []);
    const rows = Math.min(kept.rows, maxRows, left);
    left -= rows;
    if (rows === kept.rows) return { ...one, ...kept };
    const bytes = kept.bytes.subarray(0, rowOffsets(kept.bytes)[rows]);
    return { ...one, bytes, rows, stoppedBy: 'rows' };
  });
}

/** Rows of each answer, less those of it that were rejected. */
function countsWithout(
  answers: readonly Pick<QueryRows, 'rows'>[],
  rejected: readonly { readonly row: number }[],
): number[] {
  let at = 0;
  let before = 0;
  return answers.map(({ rows }) => {
    const from = at;
    before += rows;
    while (at < rejected.length && rejected[at]!.row <= before) at += 1;
    return rows - (at - from);
  });
}

interface Compiled {
  readonly scope: RowScope | undefined;
  readonly validator: ReturnType<typeof compileValidator>;
  readonly narrower: ReturnType<typeof compileProjector>;
  readonly masker: ReturnType<typeof compileProjector>;
}

type Resource = AcceptedQuery['spec']['resource'];

/** An answer is no table: nothing is merged by its key. */
function withoutKeyRules(resource: Resource): Resource {
  return {
    ...resource,
    items: resource.items.map(({ key, ...item }) => ({ ...item, required: key || item.required })),
  } as Resource;
}
