import type { Grant, QueryRequest, StoppedBy } from '@qianzhi/model';
import type { AcceptedQuery, AnswerRows, OpenQuery } from '@qianzhi/plugin-api';
import {
  compileParameters,
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

/** Compiled parts of questions that are asked again: validators and parameters by question, projectors also by grant version. */
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
      check: compileParameters(spec.parameters, spec.resource.codeTables),
      narrower: compileProjector(spec.resource, columns),
      validator: compileValidator(withoutKeyRules(narrowed)),
      masker: compileProjector(narrowed, columns, { masks: Object.fromEntries(masks) }),
    };
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(name, parts);
    return parts;
  }

  /**
   * One set of parameters after the other, in one session: each within the bounds of the service, all within those of the request.
   * Rows out of the grant's scope are not there, and not counted.
   */
  return async function answer(
    request: QueryRequest,
    grant: Grant,
    accepted: AcceptedQuery,
    query: OpenQuery,
    signal: AbortSignal,
  ): Promise<AnswerRows> {
    const service = accepted.spec.resource.queries!.find(({ name }) => name === request.service)!;
    const { check, scope, narrower, validator, masker } = partsOf(accepted, grant, request.items);
    const { sets } = check(request.lookups);
    const pieces: Uint8Array[] = [];
    const counts: number[] = [];
    let rows = 0;
    let bytes = 0;
    let rejected = 0;
    let stoppedBy: StoppedBy | undefined;
    for (const set of sets) {
      const values = accepted.spec.parameters.map(({ column }) => set[column] ?? null);
      const most = Math.min(service.maxRows, request.maxRows - rows);
      const limits = {
        maxRows: scope && most > 0 ? Math.max(most, LOOKED_THROUGH) : most,
        maxBytes: request.maxBytes - bytes,
      };
      if (limits.maxRows <= 0 || limits.maxBytes <= 0) {
        stoppedBy = limits.maxRows <= 0 ? 'rows' : 'bytes';
        break;
      }
      const found = await query.run(values, limits, signal);
      const inScope = scope ? shownRows(found.bytes, scope, most) : { bytes: found.bytes, more: false };
      const valid = validator.validate(narrower.project(inScope.bytes));
      const shown = masker.project(valid.bytes);
      pieces.push(shown);
      counts.push(valid.rows);
      rows += valid.rows;
      bytes += shown.length;
      rejected += valid.rejected.length + found.rejected.length;
      stoppedBy ??= inScope.more ? 'rows' : found.stoppedBy;
      if (found.stoppedBy === 'bytes') break;
    }
    if (rejected > 0) stoppedBy ??= 'rejected';
    return { bytes: Buffer.concat(pieces), rows, counts, stoppedBy, rejected };
  };
}

/** Rows in scope, no more than may be shown. */
function shownRows(block: Uint8Array, scope: RowScope, most: number) {
  const kept = keepRows(block, scope.judge(block), []);
  if (kept.rows <= most) return { bytes: kept.bytes, more: false };
  return { bytes: kept.bytes.subarray(0, rowOffsets(kept.bytes)[most]), more: true };
}

interface Compiled {
  readonly scope: ReturnType<typeof compileScope> | undefined;
  readonly check: ReturnType<typeof compileParameters>;
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
