import { type CatalogItem, sharingOf, valueText } from '@qianzhi/model';
import type { FormRow, FormSheet } from '@qianzhi/workbook';
import type { AgreementFacts, FormFacts, Party, RequestFacts } from './facts.js';
import { line, pair, section, stamp, table, title, WIDTHS, wide } from './layout.js';
import {
  contactRoleText,
  contactText,
  dayText,
  maskText,
  modesText,
  personText,
  quotaText,
  refusalText,
  rowsText,
  stateText,
  storyRows,
} from './texts.js';

export const APPLICATION = '信息服务共享申请表';

/** 《信息服务共享申请表》 (R068) of an application. */
export function applicationForm(facts: AgreementFacts): FormSheet {
  const { agreement, asked, resource, matter, names } = facts;
  const wanted = resource.items.filter(({ column }) => asked.items.includes(column));
  return sheet(APPLICATION, [
    title(APPLICATION),
    line(
      `编号:${agreement.id}   申请日期:${dayText(agreement.appliedAt)}   状态:${stateText(agreement.state)}`,
    ),
    ...partyRows('申请部门', facts.applicant),
    wide('经办人', personText(agreement.appliedBy, names)),
    ...partyRows('提供部门', facts.provider),
    section('申请的信息资源'),
    pair(['资源名称', resource.name], ['资源代码', resource.code]),
    pair(
      ['共享属性', valueText('sharing', resource.sharing).zh],
      ['更新周期', valueText('updateCycle', resource.updateCycle).zh],
    ),
    ...purposeRows(asked.purpose, matter?.need ?? undefined),
    section('共享方式和范围'),
    pair(['共享方式', modesText(asked.modes)], ['使用期限', `至 ${dayText(asked.validTo)}`]),
    pair(['行范围', rowsText(asked.rows, resource)], ['用量限额', quotaText(asked.quota)]),
    wide('来源地址', asked.addresses?.join('、') ?? '不限'),
    section(`申请的信息项(共 ${wanted.length} 项)`),
    ...table(
      [
        ['序号', 1],
        ['信息项', 1],
        ['共享属性', 1],
        ['脱敏要求', 1],
        ['法定依据', 2],
      ],
      wanted.map((item, at) => {
        const mask = asked.masks[item.column];
        return [
          String(at + 1),
          item.name,
          valueText('sharing', sharingOf(resource, item)).zh,
          mask ? maskText(mask) : '',
          basisOf(item, facts),
        ];
      }),
    ),
    ...handlingRows(facts),
  ]);
}

/** The same form for what is in no catalog (R069): items in the applicant's words. */
export function requestForm(facts: RequestFacts): FormSheet {
  const { request, names } = facts;
  const { items, purpose } = request;
  return sheet(APPLICATION, [
    title(APPLICATION),
    line(`编号:${request.id}   申请日期:${dayText(request.appliedAt)}   目录外申请`),
    ...partyRows('申请部门', facts.applicant),
    wide('经办人', personText(request.appliedBy, names)),
    ...partyRows('提供部门', facts.provider),
    section('申请的信息(目录外)'),
    pair(['信息名称', request.name], ['目录条目', request.resource ?? '尚未编目']),
    ...purposeRows(purpose, undefined),
    section('共享方式和范围'),
    pair(
      ['共享方式', modesText(request.modes)],
      ['使用期限', request.validTo === undefined ? '' : `至 ${dayText(request.validTo)}`],
    ),
    section(`申请的信息项(共 ${items.length} 项)`),
    ...table(
      [
        ['序号', 1],
        ['信息项', 2],
        ['法定依据', 3],
      ],
      items.map(({ name, legalBasis }, at) => [String(at + 1), name, legalBasis ?? purpose.legalBasis]),
    ),
    ...handlingRows(facts),
  ]);
}

/** Its own basis (R067), else the one of the whole; none for what everybody may have. */
export function basisOf(item: CatalogItem, { matter, resource, asked }: AgreementFacts): string {
  const general = sharingOf(resource, item) === 'unconditional' ? '' : asked.purpose.legalBasis;
  return matter?.itemBasis[item.column] ?? general;
}

export function sheet(name: string, rows: readonly FormRow[]): FormSheet {
  return { name, widths: WIDTHS, rows };
}

/** A unit with its three named contacts (R081). */
export function partyRows(role: string, party: Party | undefined): FormRow[] {
  if (!party) return [section(role), wide('名称', '待主管部门指派')];
  const { department, roster } = party;
  const contacts = roster.contacts.map(
    (contact) => `${contactRoleText(contact.role)}:${contactText(contact)}`,
  );
  return [
    section(role),
    pair(['名称', department.name], ['统一社会信用代码', department.uscc ?? '']),
    ...(department.region === undefined ? [] : [wide('行政区划代码', department.region)]),
    wide('联系人', contacts.join('\n')),
  ];
}

function purposeRows(purpose: AgreementFacts['asked']['purpose'], need: string | undefined): FormRow[] {
  return [
    section('用途和依据'),
    pair(['用途', valueText('usage', purpose.usage).zh], ['业务事项', purpose.matter]),
    wide('法律依据', purpose.legalBasis),
    ...(need === undefined ? [] : [wide('履职所需', need)]),
  ];
}

/** How it went so far, and room for opinions, signatures and stamps. */
function handlingRows({ matter, story, policy, names }: FormFacts): FormRow[] {
  const refusal = matter ? refusalText(matter) : '';
  return [
    section(`办理经过(依据:${policy})`),
    ...table(
      [
        ['日期', 1],
        ['经办', 1],
        ['办理', 1],
        ['记录', 3],
      ],
      storyRows(story, names),
    ),
    ...(refusal === '' ? [] : [wide('不同意的理由', refusal)]),
    stamp('申请部门意见'),
    stamp('提供部门意见'),
    stamp('主管部门意见'),
  ];
}
