import {
  answeredItems,
  type CatalogItem,
  type CatalogResource,
  type Grant,
  type LocalText,
  type Lookup,
  parameterItem,
  parameterProblem,
  type QueryService,
  type Signed,
} from '@qianzhi/model';
import { rejectReasons, serviceParameters } from '@qianzhi/rows';
import { queryErrors } from './errors.js';

/** A question that may be asked, and what of it goes to the provider. */
export interface Judged {
  readonly service: QueryService;
  readonly grant: Signed<Grant>;
  /** What is answered, in item order. */
  readonly items: readonly string[];
  /** Values spelled as the catalog has them. */
  readonly lookups: Lookup[];
}

export interface Asked {
  readonly department: string;
  readonly service: string;
  readonly agreement: string | undefined;
  readonly lookups: readonly Lookup[];
}

const MODE = 'online-query';

export function judge(
  asked: Asked,
  resource: CatalogResource,
  grants: readonly Signed<Grant>[],
  now: Date,
): Judged {
  const service = resource.queries?.find(({ name }) => name === asked.service);
  if (!service) {
    const known = resource.queries?.map(({ name }) => name).join(', ') || '—';
    throw queryErrors.QUERY_SERVICE_UNKNOWN({ resource: resource.code, service: asked.service, known });
  }
  const grant = grantFor(asked, resource, grants, now);
  const items = answeredItems(resource, service, grant.body);
  const { agreement } = grant.body;
  if (items.length === 0)
    throw queryErrors.QUERY_ITEMS_NOT_GRANTED({ agreement, service: service.name, resource: resource.code });
  requireGranted(asked, resource, service, grant.body);
  return { service, grant, items, lookups: spelled(asked, resource, service) };
}

function grantFor(
  { department, agreement, service }: Asked,
  { code }: CatalogResource,
  grants: readonly Signed<Grant>[],
  now: Date,
): Signed<Grant> {
  const time = now.toISOString();
  const usable = grants.filter(
    ({ body }) =>
      body.modes.includes(MODE) &&
      body.validTo > time &&
      (agreement === undefined || body.agreement === agreement),
  );
  if (usable.length === 1) return usable[0]!;
  if (usable.length === 0) throw queryErrors.QUERY_NO_AGREEMENT({ department, resource: code });
  const agreements = usable.map(({ body }) => body.agreement).join(', ');
  throw queryErrors.QUERY_AGREEMENT_UNCLEAR({ department, resource: code, agreements, service });
}

function requireGranted(
  asked: Asked,
  { code: resource }: CatalogResource,
  service: QueryService,
  grant: Grant,
): void {
  const found = parameterProblem(service, grant, asked.lookups);
  if (!found) return;
  const { parameter } = found;
  if (found.problem === 'unknown') {
    const known = service.parameters.map(({ name }) => name).join(', ') || '—';
    const problem = { zh: '没有此参数', en: 'there is no such parameter' };
    const shape = { zh: `其中之一:${known}`, en: `one of: ${known}` };
    const lookup = asked.lookups.findIndex((set) => Object.hasOwn(set, parameter)) + 1;
    throw queryErrors.QUERY_PARAMETER_WRONG({
      resource,
      service: service.name,
      lookup,
      parameter,
      problem,
      shape,
    });
  }
  const item = service.parameters.find(({ name }) => name === parameter)?.item ?? parameter;
  throw queryErrors.QUERY_PARAMETER_NOT_GRANTED({ agreement: grant.agreement, resource, parameter, item });
}

function spelled(asked: Asked, resource: CatalogResource, service: QueryService): Lookup[] {
  const { sets, bad } = serviceParameters(service, resource)(asked.lookups);
  if (!bad) return sets.map((set) => ({ ...set }));
  const parameter = service.parameters.find(({ name }) => name === bad.item);
  const item = parameter && parameterItem(resource.items, parameter);
  throw queryErrors.QUERY_PARAMETER_WRONG({
    resource: resource.code,
    service: service.name,
    lookup: bad.set + 1,
    parameter: bad.item,
    problem: rejectReasons[bad.reason],
    shape: shapeText(item),
  });
}

const typeTexts: Readonly<Record<CatalogItem['type'], LocalText>> = {
  C: { zh: '字符', en: 'text' },
  M: { zh: '文本', en: 'text' },
  N: { zh: '数值', en: 'a number' },
  Y: { zh: '金额', en: 'an amount' },
  I: { zh: '整数', en: 'a whole number' },
  B: { zh: '小数', en: 'a number' },
  F: { zh: '小数', en: 'a number' },
  D: { zh: '日期,如 2026-01-31', en: 'a date such as 2026-01-31' },
  T: { zh: '日期时间,如 2026-01-31 08:00:00', en: 'a time such as 2026-01-31 08:00:00' },
  L: { zh: 't 或 f', en: 't or f' },
  G: { zh: '二进制', en: 'binary' },
};

function shapeText(item: CatalogItem | undefined): LocalText {
  if (!item) return { zh: '见目录', en: 'what the catalog says' };
  const { zh, en } = typeTexts[item.type];
  const schemes = item.schemes?.join('/');
  const zhParts = [
    zh,
    item.length && `最多 ${item.length} 字`,
    schemes,
    item.codeTable && `代码表 ${item.codeTable}`,
  ];
  const enParts = [
    en,
    item.length && `at most ${item.length} characters`,
    schemes,
    item.codeTable && `a code of ${item.codeTable}`,
  ];
  return { zh: zhParts.filter(Boolean).join(','), en: enParts.filter(Boolean).join(', ') };
}
