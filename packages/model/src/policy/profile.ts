import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { DeadlineSchema } from '../calendar/deadline.js';
import { SharingTypeSchema } from '../catalog/item.js';
import { ModeSchema } from '../exchange/mode.js';

const closed = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 200 });

/** Null says that the regulation lays nothing down; a field left out is a mistake, so that nothing is forgotten. */
const orNull = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const deadline = (description: string) => orNull(DeadlineSchema, description);

/**
 * 政策配置: what one jurisdiction's regulation says where regulations differ (R021–R024, R058–R063 and others), as data. A new
 * jurisdiction is one YAML file of this shape. Deadlines that are null do not exist in law: never 0, never overdue.
 */
export const PolicyProfileSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64, description: '与文件名相同' }),
    name: Text,
    source: Type.String({ minLength: 1, maxLength: 500, description: '文号与名称 / the regulation' }),
    effectiveFrom: orNull(Type.String({ format: 'date' }), '施行日期;null 为未查明或未施行'),
    status: Type.Union(
      [
        Type.Literal('enacted', { description: '已发布' }),
        Type.Literal('draft', { description: '征求意见稿' }),
        Type.Literal('revised', { description: '已修订' }),
        Type.Literal('unverified', { description: '条文未核对' }),
      ],
      { description: '所依据文件的状态' },
    ),
    replyDays: Type.Object(
      {
        unconditional: deadline('无条件共享的答复期限 (R057)'),
        firstCatalog: deadline('首次申请目录内资源的答复期限 (R060)'),
        conditional: deadline('有条件共享的答复期限 (R058)'),
        offCatalog: deadline('目录外申请的答复期限 (R069)'),
      },
      closed,
    ),
    supplyDays: deadline('同意之后的供数期限 (R063)'),
    rulingSupplyDays: deadline('裁定之后的供数期限 (R074)'),
    forwardDays: deadline('跨县区申请的转送期限 (R075)'),
    catalogUpdateDays: deadline('法规或职能变化后更新目录的期限 (R006)'),
    objection: Type.Object(
      {
        check: deadline('疑义:平台核查 (R092)'),
        technicalFix: deadline('疑义:技术原因的更正 (R093)'),
        sourceFix: deadline('疑义:采集单位的核实更正 (R094)'),
      },
      closed,
    ),
    subjectObjection: Type.Object(
      {
        mark: deadline('被采集人异议:标注 (R097)'),
        decide: deadline('被采集人异议:本级决定 (R098)'),
        transfer: deadline('被采集人异议:转办 (R099)'),
        verify: deadline('被采集人异议:部门核实 (R100)'),
      },
      closed,
    ),
    complaintDays: deadline('投诉的答复期限 (R102)'),
    forceMajeureDays: deadline('不可抗力的书面通知期限 (R051)'),
    contactChangeDays: deadline('联系人变更的报告期限 (R082)'),
    staticUpdateRule: orNull(
      Type.Literal('first-10-days-of-next-quarter', { description: '变化后下一季度首月 10 日前' }),
      '静态信息的更新 (R037)',
    ),
    annualReport: orNull(
      Type.Object(
        {
          month: Type.Integer({ minimum: 1, maximum: 12 }),
          day: Type.Integer({ minimum: 1, maximum: 31 }),
          coversYear: Type.Union([Type.Literal('previous'), Type.Literal('current')]),
        },
        closed,
      ),
      '年度报告:每年此日之前 (R125, R126)',
    ),
    approver: orNull(
      Type.Union([
        Type.Literal('provider', { description: '提供单位' }),
        Type.Literal('competent-with-provider', { description: '主管部门会同提供单位' }),
        Type.Literal('competent', { description: '主管部门' }),
      ]),
      '由谁审批申请 (R058)',
    ),
    application: Type.Object(
      {
        itemBasis: Type.Boolean({ description: '申请须逐项写明依据 (R067)' }),
        refusalBasis: Type.Boolean({ description: '不同意须写明理由类别和法律依据 (R064)' }),
        confidentiality: Type.Boolean({ description: '有条件、不予共享的数据须签安全保密协议 (R077)' }),
        filing: Type.Boolean({ description: '授权须报主管部门备案 (R076)' }),
        ruledBy: orNull(
          Type.Union([
            Type.Literal('competent', { description: '主管部门' }),
            Type.Literal('leading-group', { description: '领导小组' }),
            Type.Literal('government', { description: '本级政府' }),
          ]),
          '协商不成由谁裁定;null 为未规定协商与裁定 (R070–R074, R138)',
        ),
      },
      closed,
    ),
    legalBasisRequiredFor: Type.Array(SharingTypeSchema, {
      uniqueItems: true,
      description: '须写明法律依据的共享类型 (R021–R024)',
    }),
    modes: Type.Object(
      {
        allowed: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true, description: '允许的方式 (R034)' }),
        default: orNull(ModeSchema, '默认的方式 (R035)'),
        consentNeeded: Type.Array(ModeSchema, {
          uniqueItems: true,
          description: '须经主管部门同意的方式 (R035)',
        }),
      },
      closed,
    ),
    termAliases: Type.Object(
      {
        unconditional: Type.Optional(Text),
        conditional: Type.Optional(Text),
        none: Type.Optional(Text),
      },
      { ...closed, description: '该地对共享类型的叫法 (R020)' },
    ),
  },
  closed,
);
export type PolicyProfile = Static<typeof PolicyProfileSchema>;
