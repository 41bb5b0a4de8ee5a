import type { PlatformClient } from '@qianzhi/client';
import { type CatalogResource, currentLanguage, personRoutes, sharingOf } from '@qianzhi/model';
import { askChoice, askText } from '../ask.js';
import { cliErrors } from '../errors.js';
import { word } from '../words.js';

/** What an application says, as far as flags gave it. */
export interface ApplicationAnswers {
  readonly resource: string | undefined;
  readonly items: readonly string[] | undefined;
  readonly matter: string | undefined;
  readonly usage: (typeof usages)[number] | undefined;
  readonly bases: Readonly<Record<string, string>>;
  readonly legalBasis: string;
}

export const usages = [
  'administrative-basis',
  'work-reference',
  'data-check',
  'business-cooperation',
] as const;
const usageWords: Readonly<Record<(typeof usages)[number], string>> = {
  'administrative-basis': '行政依据',
  'work-reference': '工作参考',
  'data-check': '数据校核',
  'business-cooperation': '业务协同',
};

const zh = () => currentLanguage() === 'zh';
const say = (chinese: string, english: string) => (zh() ? chinese : english);
const filled = (text: string) => text.trim() !== '' || say('不能为空', 'it cannot be empty');

/** Asks for what is missing, for somebody who has never seen the API: resource, items, matter, use, and the basis of each item that needs one. */
export async function askApplication(
  client: PlatformClient,
  given: ApplicationAnswers,
  signal: AbortSignal,
): Promise<Required<{ [Name in keyof ApplicationAnswers]: NonNullable<ApplicationAnswers[Name]> }>> {
  const resource = await askResource(client, given.resource, signal);
  const items = given.items ?? (await askItems(resource));
  const matter =
    given.matter ??
    (await askText({ message: say('用于哪项具体业务', 'for which business matter'), validate: filled }));
  const usage =
    given.usage ??
    (await askChoice(
      say('用途', 'used for'),
      usages.map((value) => ({ value, name: zh() ? usageWords[value] : value })),
    ));
  const bases = { ...given.bases };
  for (const item of resource.items) {
    const guarded = items.includes(item.column) && sharingOf(resource, item) !== 'unconditional';
    if (!guarded || bases[item.column] !== undefined || given.legalBasis !== '') continue;
    const message = say(`“${item.name}”的法定依据`, `statutory basis of "${item.name}"`);
    bases[item.column] = await askText({ message, validate: filled });
  }
  return { resource: resource.code, items, matter, usage, bases, legalBasis: given.legalBasis };
}

async function askResource(
  client: PlatformClient,
  code: string | undefined,
  signal: AbortSignal,
): Promise<CatalogResource> {
  if (code !== undefined)
    return (await client.call(personRoutes.showCatalog, { params: { code }, query: {} }, signal)).resource;
  const { resources } = await client.call(personRoutes.listCatalog, { query: {} }, signal);
  if (resources.length === 0)
    throw cliErrors.INPUT_NEEDED({ what: { zh: '资源', en: 'a resource' }, flag: 'RESOURCE' });
  return askChoice(
    say('申请哪个资源', 'which resource'),
    resources.map(({ resource }) => ({
      value: resource,
      name: `${resource.code}  ${resource.name}  ${resource.department}  ${word(resource.sharing)}`,
    })),
  );
}

async function askItems(resource: CatalogResource): Promise<string[]> {
  const lines = resource.items.map(
    (item) => `  ${item.column}  ${item.name}  ${word(sharingOf(resource, item))}${item.key ? ' *' : ''}`,
  );
  process.stderr.write(`${lines.join('\n')}\n`);
  const columns = new Set(resource.items.map(({ column }) => column));
  const read = (text: string) => text.split(/[\s,,、]+/).filter((column) => column !== '');
  const answer = await askText({
    message: say(
      '申请哪些信息项(列名,以空格分隔;* 为主键;不填为全部无条件共享项)',
      'which items (columns, separated by blanks; * are keys; none: all unconditional ones)',
    ),
    validate: (text) => {
      const unknown = read(text).filter((column) => !columns.has(column));
      return unknown.length === 0 || `${say('没有信息项', 'no such item')}: ${unknown.join(' ')}`;
    },
  });
  return read(answer);
}
