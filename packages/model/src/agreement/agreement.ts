import { type Static, Type } from '@sinclair/typebox';
import { UsageSchema } from '../catalog/entry.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { ModeSchema } from '../exchange/mode.js';
import { ScopeTextSchema } from '../scope/scope.js';

/** Purpose of use (R065–R067): what the grant allows the data to be used for, and nothing else (R084). */
export const PurposeSchema = Type.Object(
  {
    usage: UsageSchema,
    matter: Type.String({ minLength: 1, description: '具体业务事项' }),
    legalBasis: Type.String({ description: '法律依据; may be empty where the profile asks for none' }),
  },
  { additionalProperties: false },
);
export type Purpose = Static<typeof PurposeSchema>;

/**
 * How a granted value is shown. `pseudonym` is a keyed digest, equal for equal values, for joining.
 * A masked key cannot join, so key items are granted in clear or as a pseudonym.
 */
export const MaskRuleSchema = Type.Union([
  Type.Literal('name', { description: 'keeps the surname (two characters of a compound surname)' }),
  Type.Literal('id-6-4', { description: 'keeps the first 6 and last 4' }),
  Type.Literal('id-3-4', { description: 'keeps the first 3 and last 4' }),
  Type.Literal('phone', { description: '138****8000' }),
  Type.Literal('address', { description: 'to the county' }),
  Type.Literal('pseudonym'),
]);
export type MaskRule = Static<typeof MaskRuleSchema>;

const bound = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

/** How much may move under an agreement, over all modes together; a bound left out is none. Days are those of Asia/Shanghai. */
export const QuotaSchema = Type.Object(
  {
    requestsPerMinute: bound('每分钟次数:查询、下载 / queries and downloads in any 60 seconds'),
    requestsPerDay: bound('每日次数 / queries and downloads a day'),
    rowsPerDay: bound('每日行数 / rows handed out a day'),
    bytesPerDay: bound('每日字节数 / bytes handed out a day, as they travel'),
  },
  { additionalProperties: false },
);
export type Quota = Static<typeof QuotaSchema>;

/**
 * 来源地址白名单: where connections of online queries and downloads may come from. It is kept beside the grant and not in it: the platform
 * alone judges by it, and an agent of an earlier version takes no field it does not know.
 */
export const AddressesSchema = Type.Array(Type.String({ minLength: 2, maxLength: 49 }), {
  uniqueItems: true,
  maxItems: 100,
  description: 'IPv4 and IPv6 addresses and networks, such as 10.20.0.0/16; none: from anywhere',
});

/**
 * One grant version of an agreement, as both agents receive it, signed by the platform.
 * A changed grant is a new grant version; the id stays.
 */
export const GrantSchema = Type.Object(
  {
    type: Type.Literal('grant'),
    agreement: Type.String(),
    grantVersion: Type.Integer({ minimum: 1 }),
    resource: ResourceCodeSchema,
    provider: Type.String({ description: 'department id' }),
    consumer: Type.String({ description: 'department id' }),
    items: Type.Array(ColumnNameSchema, { minItems: 1, uniqueItems: true, description: 'granted columns' }),
    masks: Type.Record(ColumnNameSchema, MaskRuleSchema),
    /** Left out: all rows. */
    rows: Type.Optional(ScopeTextSchema),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true }),
    quota: Type.Optional(QuotaSchema),
    validFrom: Type.String({ format: 'date-time' }),
    validTo: Type.String({ format: 'date-time' }),
    approvedBy: Type.String({
      description: 'account, `rule:unconditional` for a direct subscription (R057), or `scenario:ID` (R078)',
    }),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Grant', additionalProperties: false },
);
export type Grant = Static<typeof GrantSchema>;

/** Applied for → decided, or withdrawn by the applicant → suspended for a while, or ended by revocation or time. */
export const agreementStates = [
  'applied',
  'granted',
  'refused',
  'withdrawn',
  'suspended',
  'revoked',
  'expired',
] as const;
export type AgreementState = (typeof agreementStates)[number];

/**
 * A short permission to apply what is granted: the consumer checks it before each apply, so that a
 * revocation reaches an agent that cannot be reached within the lease's life (60 s by default).
 */
export const LeaseSchema = Type.Object(
  {
    type: Type.Literal('lease'),
    agent: Type.String(),
    live: Type.Array(Type.Object({ agreement: Type.String(), grantVersion: Type.Integer() })),
    revoked: Type.Array(
      Type.Object({ agreement: Type.String(), grantVersion: Type.Integer(), reason: Type.String() }),
    ),
    issuedAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.String({ format: 'date-time' }),
    state: Type.Optional(
      Type.String({
        description:
          'names what the agent is told by assignments and lease together; only for an agent that asked with `waitMs`',
      }),
    ),
  },
  { $id: 'Lease', additionalProperties: false },
);
export type Lease = Static<typeof LeaseSchema>;

/**
 * 供数义务: the platform's signed order that an agent supplies a resource. Without one in force a batch
 * is refused. It names the secrecy review that allowed supply (R044).
 */
export const SupplyDutySchema = Type.Object(
  {
    type: Type.Literal('supply-duty'),
    id: Type.String(),
    resource: ResourceCodeSchema,
    department: Type.String(),
    agent: Type.String(),
    secrecyReview: Type.String({ description: 'id of the recorded review' }),
    validFrom: Type.String({ format: 'date-time' }),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'SupplyDuty', additionalProperties: false },
);
export type SupplyDuty = Static<typeof SupplyDutySchema>;
