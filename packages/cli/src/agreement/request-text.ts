import { currentLanguage, type OffCatalogRequest } from '@qianzhi/model';
import { timeText } from '../words.js';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

/** How far a request is on its way to data: the catalog entry, and what it was turned into. */
export function requestState({
  stage,
  resource,
  linkedAt,
  agreement,
}: OffCatalogRequest): string | undefined {
  if (agreement !== null) return say(`已转为申请 ${agreement}`, `turned into application ${agreement}`);
  if (linkedAt !== null) return say(`可申请 ${resource}`, `${resource} can be applied for`);
  if (resource !== null) return say(`待发布 ${resource}`, `${resource} is to be published`);
  return stage === 'granted' ? say('待编目', 'to be catalogued') : undefined;
}

/** Lines that say what a request asks for, and which command goes on once it was agreed to. */
export function requestLines(request: OffCatalogRequest): string[] {
  const { id, stage, name, items, provider, resource, linkedAt, agreement } = request;
  const replies = provider ?? say('待指派', 'nobody yet');
  const state = requestState(request);
  const lines = [
    say(
      `${id}  目录外申请“${name}”,信息项 ${items.length},答复部门 ${replies}`,
      `${id}  off-catalog request "${name}", items ${items.length}, replied to by ${replies}`,
    ),
  ];
  if (state !== undefined) lines.push(say(`目录:${state}`, `catalog: ${state}`));
  if (stage === 'granted' && resource === null) {
    const code = say('代码', 'CODE');
    const who = say('答复部门', 'whoever replied');
    lines.push(
      say(
        `下一步:qianzhi agreement link ${id} --resource ${code}(${who})`,
        `next: qianzhi agreement link ${id} --resource ${code} (${who})`,
      ),
    );
  }
  if (linkedAt !== null && agreement === null)
    lines.push(
      say(
        `下一步:qianzhi agreement apply --request ${id}(申请部门)`,
        `next: qianzhi agreement apply --request ${id} (the applicant)`,
      ),
    );
  return lines;
}

/** Fields of a request for a table of two columns. */
export function requestFields(request: OffCatalogRequest): (readonly [name: string, value: string])[] {
  const { purpose, items, columns } = request;
  return [
    [say('编号', 'id'), request.id],
    [say('所需信息', 'what is needed'), request.name],
    ...items.map(
      ({ name, legalBasis }) =>
        [
          say('信息项', 'item'),
          `${name}${columns[name] === undefined ? '' : ` → ${columns[name]}`}  ${legalBasis ?? ''}`.trim(),
        ] as const,
    ),
    [say('事项', 'matter'), purpose.matter],
    [say('依据', 'legal basis'), purpose.legalBasis || '—'],
    [say('申请部门', 'applicant'), request.consumer],
    [say('答复部门', 'replied to by'), request.provider ?? say('待指派', 'nobody yet')],
    [say('申请', 'applied'), `${request.appliedBy} ${timeText(request.appliedAt)}`],
    [say('期限', 'until'), timeText(request.validTo) ?? '—'],
    [say('目录', 'catalog'), requestState(request) ?? '—'],
  ];
}
