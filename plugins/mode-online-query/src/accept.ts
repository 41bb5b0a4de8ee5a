import {
  answeredItems,
  type CatalogResource,
  type Grant,
  type LocalText,
  parameterProblem,
  type QueryRequest,
  type QueryService,
  readScope,
  scopeColumns,
} from '@qianzhi/model';
import { serviceDigest } from '@qianzhi/model/crypto';
import type { AcceptedQuery, AnsweringFacts } from '@qianzhi/plugin-api';
import { rejectReasons, serviceParameters, type ValueCheck } from '@qianzhi/rows';
import { queryModeErrors } from './errors.js';
import { prepare } from './prepare.js';

/** Two clocks may differ by so much. */
const CLOCK_TOLERANCE_MS = 60_000;
const MODE = 'online-query';

/** Everything that the platform checked is checked again: this side hands the rows out. */
export function accept(request: QueryRequest, grant: Grant, facts: AnsweringFacts): AcceptedQuery {
  const { id, resource: code, service: name } = request;
  if (request.agent !== facts.agent || request.tunnel !== facts.tunnel)
    throw queryModeErrors.REQUEST_FOREIGN({ id });
  requireTime(request, facts.now);
  const { resource, local, agent } = facts;
  if (!resource || !local) throw queryModeErrors.NOT_SUPPLIED({ agent, resource: code, service: name });
  const service = resource.queries?.find((one) => one.name === name);
  const isSame = service && serviceDigest(service) === request.serviceDigest;
  if (!isSame || resource.schemaVersion !== request.schemaVersion)
    throw queryModeErrors.SERVICE_DIFFERS({ resource: code, service: name });
  requireGrant(request, grant, resource, service, facts);
  const sets = requireParameters(request, resource, service, grant).map((set) =>
    service.parameters.map((parameter) => set[parameter.name] ?? null),
  );
  const scope = grant.rows === undefined ? [] : scopeColumns(readScope(grant.rows, resource));
  const timeoutMs = Math.min(request.timeoutMs, local.timeoutMs);
  return { ...prepare(local, resource, scope), sets, timeoutMs };
}

function requireTime({ id, issuedAt, expiresAt }: QueryRequest, now: Date): void {
  const early = Date.parse(issuedAt) - now.getTime() > CLOCK_TOLERANCE_MS;
  const late = now.getTime() - Date.parse(expiresAt) > CLOCK_TOLERANCE_MS;
  if (early || late) throw queryModeErrors.REQUEST_LATE({ id, issuedAt, expiresAt });
}

function requireGrant(
  request: QueryRequest,
  grant: Grant,
  resource: CatalogResource,
  service: QueryService,
  { department, now }: AnsweringFacts,
): void {
  const { id, agreement, grantVersion, consumer } = request;
  const refuse = (zh: string, en: string) =>
    queryModeErrors.GRANT_UNFIT({
      id,
      agreement,
      grantVersion,
      resource: resource.code,
      problem: { zh, en },
    });
  const named =
    grant.agreement === agreement &&
    grant.grantVersion === grantVersion &&
    grant.resource === resource.code &&
    grant.consumer === consumer &&
    grant.provider === department &&
    department === resource.department;
  if (!named) throw refuse('所附授权不是该协议的', 'the grant that came with it is another one');
  if (!grant.modes.includes(MODE)) throw refuse('未授权联机查询', 'online query is not granted');
  const time = now.getTime();
  const inForce =
    Date.parse(grant.validFrom) - CLOCK_TOLERANCE_MS <= time &&
    time < Date.parse(grant.validTo) + CLOCK_TOLERANCE_MS;
  if (!inForce) throw refuse('不在有效期内', 'it is not in force now');
  const allowed = answeredItems(resource, service, grant);
  if (request.items.join() !== allowed.filter((column) => request.items.includes(column)).join())
    throw refuse('含未授权的信息项', 'it names items that are not granted');
}

function requireParameters(
  { lookups, resource: code, service: name }: QueryRequest,
  resource: CatalogResource,
  service: QueryService,
  grant: Grant,
): ValueCheck['sets'] {
  const wrong = (lookup: number, parameter: string, problem: LocalText) =>
    queryModeErrors.PARAMETER_WRONG({ resource: code, service: name, lookup, parameter, problem });
  const found = parameterProblem(service, grant, lookups);
  if (found) throw wrong(1, found.parameter, parameterTexts[found.problem]);
  const { sets, bad } = serviceParameters(service, resource)(lookups);
  if (bad) throw wrong(bad.set + 1, bad.item, rejectReasons[bad.reason]);
  return sets;
}

const parameterTexts = {
  unknown: { zh: '没有此参数', en: 'there is no such parameter' },
  'not-granted': {
    zh: '其信息项未以明文授权,不能作为条件',
    en: 'its item is not granted in clear and can be no condition',
  },
} as const;
