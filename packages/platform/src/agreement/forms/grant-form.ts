import { type MatterEventAct, type MatterStage, sharingOf, valueText } from '@qianzhi/model';
import type { FormSheet } from '@qianzhi/workbook';
import { basisOf, partyRows, sheet } from './application-form.js';
import type { AgreementFacts } from './facts.js';
import { line, pair, section, stamp, table, title, wide } from './layout.js';
import {
  dayText,
  maskText,
  modesText,
  personText,
  quotaText,
  refusalText,
  rowsText,
  stateText,
} from './texts.js';

const GRANT = '信息共享授权确认表';

type GrantFacts = AgreementFacts & { readonly grant: NonNullable<AgreementFacts['grant']> };

/** 《信息共享授权确认表》 (R068): what was granted, item by item, and what was not and why. */
export function grantForm(facts: GrantFacts): FormSheet {
  const { agreement, grant, resource, matter, story, names, policy } = facts;
  const { addresses } = agreement;
  const reason = (matter && refusalText(matter)) || agreement.reason || '';
  const concerned = resource.items
    .map((item) => ({ item, decision: decisionOn(item.column, facts) }))
    .filter(({ decision }) => decision !== undefined);
  const event = (act: MatterEventAct) => story.findLast((one) => one.act === act);
  const [filed, signed] = [event('file'), event('sign')];
  const supply = matter?.clocks.find(({ kind }) => kind === 'agreement.supply');
  return sheet(GRANT, [
    title(GRANT),
    line(
      `编号:${agreement.id}   授权版本:${grant.grantVersion}   签发日期:${dayText(grant.issuedAt)}   状态:${stateText(agreement.state)}`,
    ),
    ...partyRows('提供部门', facts.provider),
    ...partyRows('使用部门', facts.applicant),
    section('授权的信息资源和用途'),
    pair(['资源名称', resource.name], ['资源代码', resource.code]),
    pair(['用途', valueText('usage', grant.purpose.usage).zh], ['业务事项', grant.purpose.matter]),
    wide('法律依据', grant.purpose.legalBasis),
    section('逐项决定'),
    ...table(
      [
        ['信息项', 1],
        ['共享属性', 1],
        ['法定依据', 1],
        ['决定', 1],
        ['脱敏', 1],
        ['理由', 1],
      ],
      concerned.map(({ item, decision }) => {
        const mask = decision === '同意共享' ? grant.masks[item.column] : undefined;
        return [
          item.name,
          valueText('sharing', sharingOf(resource, item)).zh,
          basisOf(item, facts),
          decision ?? '',
          mask ? maskText(mask) : '',
          decision === '不予共享' ? reason : '',
        ];
      }),
    ),
    section('授权的条件'),
    pair(
      ['共享方式', modesText(grant.modes)],
      ['有效期', `${dayText(grant.validFrom)}至${dayText(grant.validTo)}`],
    ),
    pair(['行范围', rowsText(grant.rows, resource)], ['用量限额', quotaText(grant.quota)]),
    wide('来源地址', addresses?.join('、') ?? '不限'),
    wide(
      '供数期限',
      supply ? (supply.dueDay ? dayText(supply.dueDay) : '未规定') : '已办结,或由规则直接授权',
    ),
    wide(
      '使用要求',
      '只用于上列业务事项;不得直接或者以改变数据形式等方式提供给第三方,不得公布或者牟利;使用部门对使用全过程负责。',
    ),
    section('决定、签署和备案'),
    pair(['决定人', personText(grant.approvedBy, names)], ['决定日期', dayText(grant.issuedAt)]),
    pair(
      [
        '安全保密协议',
        signed
          ? `${dayText(signed.at)} 签署`
          : matter?.confidentiality === 'unsigned'
            ? '待签署'
            : '不需签署',
      ],
      ['签署人', signed?.text.split(': sha256 ')[0] ?? ''],
    ),
    pair(['备案号', filed?.text ?? ''], ['备案日期', filed ? dayText(filed.at) : '']),
    wide('政策依据', policy),
    stamp('提供部门确认'),
    stamp('使用部门确认'),
    stamp('主管部门备案'),
  ]);
}

/** Refused, or left out of what was ruled to be shared. */
const refused: readonly MatterStage[] = ['refused', 'rejected', 'granted'];

/** Undefined for an item that is not, or no longer, asked for. */
function decisionOn(
  column: string,
  { asked, grant, matter }: GrantFacts,
): '同意共享' | '不予共享' | '待决定' | undefined {
  if (grant.items.includes(column)) return '同意共享';
  if (!matter || !asked.items.includes(column)) return undefined;
  if (refused.includes(matter.stage)) return '不予共享';
  return matter.next.length > 0 ? '待决定' : undefined;
}
