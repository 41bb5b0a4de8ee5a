import { type Static, Type } from '@sinclair/typebox';
import { REGION_CODE } from './region.js';

const closed = { additionalProperties: false };
const text = (description: string, maxLength = 2000) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const department = (description: string) => Type.String({ minLength: 1, maxLength: 50, description });

/** 使用用途 (R025). */
export const UsageSchema = Type.Union([
  Type.Literal('administrative-basis', { description: '行政依据' }),
  Type.Literal('work-reference', { description: '工作参考' }),
  Type.Literal('data-check', { description: '数据校核' }),
  Type.Literal('business-cooperation', { description: '业务协同' }),
]);
export type Usage = Static<typeof UsageSchema>;

/** 开放属性 (R031): openness to the public, an axis of its own beside sharing. */
export const OpennessSchema = Type.Union([
  Type.Literal('open', { description: '无条件开放' }),
  Type.Literal('conditional', { description: '有条件开放' }),
  Type.Literal('closed', { description: '非开放' }),
]);
export type Openness = Static<typeof OpennessSchema>;

/** What sharing is conditioned or refused by (R021–R024). A department's internal rule is named as such and is no ground (R028). */
export const LegalBasisSchema = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('law', { description: '法律' }),
      Type.Literal('administrative-regulation', { description: '行政法规' }),
      Type.Literal('local-regulation', { description: '地方性法规' }),
      Type.Literal('government-rule', { description: '部门规章、政府规章' }),
      Type.Literal('state-policy', { description: '党中央、国务院政策' }),
      Type.Literal('internal-rule', { description: '本部门内部规定,不得作为拒绝的理由 (R028)' }),
    ]),
    title: Type.String({ minLength: 1, maxLength: 300, description: '名称 / title' }),
    article: text('条款 / article', 100),
  },
  closed,
);
export type LegalBasis = Static<typeof LegalBasisSchema>;

const LegalBasesSchema = Type.Array(LegalBasisSchema, {
  minItems: 1,
  maxItems: 50,
  description: '依据,逐条 (R021–R024) / legal basis',
});

/** 信息资源格式 of the national guideline: class, and type within it. */
export const formatClasses = [
  'document',
  'spreadsheet',
  'database',
  'image',
  'streaming-media',
  'self-describing',
  'service',
] as const;
export type FormatClass = (typeof formatClasses)[number];

/** 目录类别 (R012–R014); an entry that says nothing is of the department's own catalog. */
export const catalogKinds = ['national', 'baseline', 'supplementary', 'project'] as const;

/**
 * What the national entry (发改高技〔2017〕1272号, GB/T 21063.3) and the regulations say of a resource beyond what the exchange
 * needs (R002–R004, R010–R014). All optional: an entry without them exchanges all the same. They stay on the platform.
 */
export const entryFields = {
  classification: text('信息资源分类代码:类 1 位、项 2 位、目 3 位、细目不定 / classification digits', 40),
  nationalCode: text('信息资源代码:分类代码/顺序号 / classification + "/" + serial number', 80),
  providerUnit: text('提供单位内部机构 (R004) / unit inside the providing department', 200),
  providerCode: text('资源提供方的统一社会信用代码 (GB 32100)', 18),
  format: Type.Optional(
    Type.Object(
      {
        class: Type.Union(formatClasses.map((one) => Type.Literal(one))),
        type: text('格式类型,如 xlsx、oracle / type within the class', 50),
      },
      { ...closed, description: '信息资源格式 (R002)' },
    ),
  ),
  kind: Type.Optional(
    Type.Union(
      catalogKinds.map((one) => Type.Literal(one)),
      { description: '目录类别:国家、基准 (R012)、补充 (R013)、项目 (R014);不写为部门目录' },
    ),
  ),
  theme: text('主题名称,如 健康保障:主题资源 (R011) / theme', 100),
  region: Type.Optional(
    Type.String({
      pattern: REGION_CODE,
      description:
        '所属行政区划代码 (R015);不写为平台所在区划 / region whose catalog it belongs to; the platform’s unless told',
    }),
  ),
  project: Type.Optional(
    Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 200, description: '项目名称' }),
        stage: Type.Union([
          Type.Literal('pre-compiled', { description: '立项前预编' }),
          Type.Literal('registered', { description: '验收时登记' }),
        ]),
        acceptanceDue: Type.Optional(
          Type.String({
            format: 'date',
            description: '计划验收日:立项前预编的条目至此日须登记 / planned day of acceptance',
          }),
        ),
        number: text('项目编号 / project number', 100),
        acceptedOn: Type.Optional(
          Type.String({ format: 'date', description: '验收日期 / day of acceptance' }),
        ),
      },
      { ...closed, description: '政务信息化项目 (R014)' },
    ),
  ),
  lead: Type.Optional(department('牵头部门:基础、主题资源 (R010, R011) / lead department')),
  contributors: Type.Optional(
    Type.Array(department('部门 / department'), {
      uniqueItems: true,
      maxItems: 200,
      description: '参与部门 (R011) / contributing departments',
    }),
  ),
  dataRange: text('数据范围 (R004) / what the data covers'),
  system: text('信息所在平台 (R003) / system that holds the data', 200),
  sharingScope: text('共享范围 (R025) / who may use it'),
  sharingUse: Type.Optional(
    Type.Array(UsageSchema, { minItems: 1, uniqueItems: true, description: '使用用途 (R025)' }),
  ),
  legalBasis: Type.Optional(LegalBasesSchema),
  sharingModes: Type.Optional(
    Type.Array(
      Type.Object(
        {
          by: Type.Union([
            Type.Literal('platform', { description: '共享平台' }),
            Type.Literal('mail', { description: '邮件' }),
            Type.Literal('media', { description: '介质' }),
          ]),
          as: Type.Optional(
            Type.Union([
              Type.Literal('database', { description: '数据库' }),
              Type.Literal('file', { description: '文件' }),
              Type.Literal('interface', { description: '接口' }),
            ]),
          ),
        },
        closed,
      ),
      { minItems: 1, uniqueItems: true, description: '共享方式 (R002)' },
    ),
  ),
  sharingPeriod: text('共享期限 (R003) / for how long it is shared', 200),
  useRequirements: text('使用要求 (R002) / what users must observe'),
  openCondition: text('开放条件 (R031) / condition of openness'),
  publishedOn: Type.Optional(Type.String({ format: 'date', description: '发布日期' })),
  related: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      uniqueItems: true,
      maxItems: 200,
      description: '关联资源代码 / codes of related resources',
    }),
  ),
  obtainedBySharing: Type.Optional(
    Type.Boolean({ description: '数据系共享获得,不列入本部门开放清单 (R032)' }),
  ),
  licensing: Type.Optional(
    Type.Boolean({ description: '涉及行政许可或并联审批,无条件共享 (R027) / tied to a licence' }),
  ),
};

/** The same of one item. */
export const entryItemFields = {
  openness: Type.Optional(OpennessSchema),
  sharingCondition: text('本项的共享条件 (R029) / condition of this item'),
  legalBasis: Type.Optional(LegalBasesSchema),
  responsible: Type.Optional(department('基准目录:该项的责任部门 (R012) / organ responsible for the item')),
};
