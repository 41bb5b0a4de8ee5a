import type { Grant, QueryRequest, StoppedBy } from '@qianzhi/model';
import type { AcceptedQuery, AnswerRows, OpenQuery } from '@qianzhi/plugin-api';
import { compileParameters, compileProjector, compileValidator } from '@qianzhi/rows';

const MAX_COMPILED = 200;

/** Compiled parts of questions that are asked again: validators and parameters by question, projectors also by grant version. */
export function createAnswerer() {
  const compiled = new Map<string, Compiled>();

  function partsOf({ key, spec }: AcceptedQuery, grant: Grant, perSet: number): Compiled {
    const name = `${grant.agreement}/${grant.grantVersion}/${key}`;
    const known = compiled.get(name);
    if (known) return known;
    const columns = spec.resource.items.map(({ column }) => column);
    // pseudonyms need the platform's key: it puts them in before anything goes on
    const masks = Object.entries(grant.masks).filter(
      ([column, rule]) => rule !== 'pseudonym' && columns.includes(column),
    );
    const parts = {
      perSet,
      check: compileParameters(spec.parameters, spec.resource.codeTables),
      validator: compileValidator(withoutKeyRules(spec.resource)),
      projector: compileProjector(spec.resource, columns, { masks: Object.fromEntries(masks) }),
    };
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(name, parts);
    return parts;
  }

  /** One set of parameters after the other, in one session: each within the bounds of the service, all within those of the request. */
  return async function answer(
    request: QueryRequest,
    grant: Grant,
    accepted: AcceptedQuery,
    query: OpenQuery,
    signal: AbortSignal,
  ): Promise<AnswerRows> {
    const service = accepted.spec.resource.queries!.find(({ name }) => name === request.service)!;
    const { check, validator, projector, perSet } = partsOf(accepted, grant, service.maxRows);
    const { sets } = check(request.lookups);
    const pieces: Uint8Array[] = [];
    const counts: number[] = [];
    let rows = 0;
    let bytes = 0;
    let rejected = 0;
    let stoppedBy: StoppedBy | undefined;
    for (const set of sets) {
      const values = accepted.spec.parameters.map(({ column }) => set[column] ?? null);
      const limits = {
        maxRows: Math.min(perSet, request.maxRows - rows),
        maxBytes: request.maxBytes - bytes,
      };
      if (limits.maxRows <= 0 || limits.maxBytes <= 0) {
        stoppedBy = limits.maxRows <= 0 ? 'rows' : 'bytes';
        break;
      }
      const found = await query.run(values, limits, signal);
      const valid = validator.validate(found.bytes);
      const shown = projector.project(valid.bytes);
      pieces.push(shown);
      counts.push(valid.rows);
      rows += valid.rows;
      bytes += shown.length;
      rejected += valid.rejected.length + found.rejected.length;
      stoppedBy ??= found.stoppedBy;
      if (found.stoppedBy === 'bytes') break;
    }
    if (rejected > 0) stoppedBy ??= 'rejected';
    return { bytes: Buffer.concat(pieces), rows, counts, stoppedBy, rejected };
  };
}

interface Compiled {
  readonly perSet: number;
  readonly check: ReturnType<typeof compileParameters>;
  readonly validator: ReturnType<typeof compileValidator>;
  readonly projector: ReturnType<typeof compileProjector>;
}

type Resource = AcceptedQuery['spec']['resource'];

/** An answer is no table: nothing is merged by its key. */
function withoutKeyRules(resource: Resource): Resource {
  return { ...resource, items: resource.items.map(({ key, ...item }) => ({ ...item, required: key || item.required })) } as Resource;
}
