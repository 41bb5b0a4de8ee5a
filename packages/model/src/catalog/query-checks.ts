import { holdsFiles } from '../batch/file-part.js';
import { defineFindings, type Finding } from './finding.js';
import type { QueryService } from './query-service.js';
import type { CatalogResource } from './resource.js';

const queryFindings = defineFindings({
  QUERY_ON_FILES: {
    level: 'error',
    zh: '内容为文件的资源不能提供查询服务;请去掉 queries',
    en: 'a resource of files answers no queries; remove `queries`',
  },
  QUERY_REPEATED: {
    level: 'error',
    zh: '查询服务 {service} 出现多次;请改名',
    en: 'query service {service} occurs more than once; rename it',
  },
  QUERY_ITEM_UNKNOWN: {
    level: 'error',
    zh: '查询服务 {service} 所列的 {column} 不是本资源的信息项',
    en: 'query service {service} names {column}, which is no item of this resource',
  },
  QUERY_PARAMETER_REPEATED: {
    level: 'error',
    zh: '查询服务 {service} 的参数 {parameter} 出现多次',
    en: 'parameter {parameter} of query service {service} occurs more than once',
  },
  QUERY_PARAMETER_TYPE: {
    level: 'error',
    zh: '查询服务 {service} 的参数 {parameter} 须且只能写明 item 与 type 之一;length、precision、scale、pattern、identifier、schemes 只随 type',
    en: 'parameter {parameter} of query service {service} needs either `item` or `type`; length, precision, scale, pattern, identifier and schemes go with `type` only',
  },
  QUERY_PARAMETER_LENGTH: {
    level: 'error',
    zh: '查询服务 {service} 的字符型参数 {parameter} 未定义 length',
    en: 'character parameter {parameter} of query service {service} has no length',
  },
  QUERY_PARAMETER_BINARY: {
    level: 'error',
    zh: '查询服务 {service} 的参数 {parameter} 不能为通用型(G)',
    en: 'parameter {parameter} of query service {service} cannot be binary (type G)',
  },
  QUERY_PLATFORM_KEY: {
    level: 'error',
    zh: '查询服务 {service} 由平台答复,其参数须恰为全部主键信息项({key}),且均为必填',
    en: 'query service {service} is answered by the platform: its parameters have to be the key items ({key}), each required',
  },
  QUERY_PARAMETER_NONE: {
    level: 'warning',
    zh: '查询服务 {service} 没有必填参数,不给条件即可逐批取出全部数据;请确认',
    en: 'query service {service} has no required parameter: whoever asks need not know anything',
  },
});

/** What is wrong with the query services of an entry. */
export function checkQueries(resource: CatalogResource): Finding[] {
  const { queries = [] } = resource;
  if (queries.length > 0 && holdsFiles(resource)) return [queryFindings.QUERY_ON_FILES()];
  const names = queries.map(({ name }) => name);
  return [
    ...repeated(names).map((service) => queryFindings.QUERY_REPEATED(undefined, { service })),
    ...queries.flatMap((service) => checkService(service, resource)),
  ];
}

function checkService(service: QueryService, { items }: CatalogResource): Finding[] {
  const types = new Map(items.map((item) => [item.column, item.type]));
  const about = { service: service.name };
  const named = [...service.items, ...service.parameters.flatMap(({ item }) => item ?? [])];
  const findings = [
    ...[...new Set(named)]
      .filter((column) => !types.has(column))
      .map((column) => queryFindings.QUERY_ITEM_UNKNOWN(undefined, { ...about, column })),
    ...repeated(service.parameters.map(({ name }) => name)).map((parameter) =>
      queryFindings.QUERY_PARAMETER_REPEATED(undefined, { ...about, parameter }),
    ),
  ];
  if (service.answeredBy === 'platform' && !asksByKey(service, items)) {
    const key = items.flatMap((item) => (item.key ? item.column : [])).join(', ') || '—';
    findings.push(queryFindings.QUERY_PLATFORM_KEY(undefined, { ...about, key }));
  }
  if (!service.parameters.some(({ required }) => required))
    findings.push(queryFindings.QUERY_PARAMETER_NONE(undefined, about));
  for (const { name: parameter, label: _label, required: _required, item, ...own } of service.parameters) {
    const facts = { ...about, parameter };
    const isWrong = item === undefined ? own.type === undefined : Object.keys(own).length > 0;
    if (isWrong) findings.push(queryFindings.QUERY_PARAMETER_TYPE(undefined, facts));
    else if ((own.type ?? types.get(item!)) === 'G')
      findings.push(queryFindings.QUERY_PARAMETER_BINARY(undefined, facts));
    else if (own.type === 'C' && own.length === undefined)
      findings.push(queryFindings.QUERY_PARAMETER_LENGTH(undefined, facts));
  }
  return findings;
}

function asksByKey({ parameters }: QueryService, items: CatalogResource['items']): boolean {
  const key = items.flatMap((item) => (item.key ? item.column : []));
  const asked = parameters.flatMap(({ item, required }) => (required ? (item ?? []) : []));
  const isKey = key.length === asked.length && key.every((column) => asked.includes(column));
  return isKey && key.length > 0 && asked.length === parameters.length;
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
