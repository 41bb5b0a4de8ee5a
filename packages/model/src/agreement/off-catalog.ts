import { type Static, Type } from '@sinclair/typebox';
import { ModeSchema } from '../exchange/mode.js';
import { IdSchema, TimeSchema } from '../protocol/fields.js';
import { PurposeSchema } from './agreement.js';

const Name = Type.String({ pattern: '\\S', maxLength: 100 });

/** One item that is asked for, in the applicant's words, with its statutory basis (R067). */
export const WantedItemSchema = Type.Object(
  {
    name: Name,
    legalBasis: Type.Optional(Type.String({ pattern: '\\S', maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type WantedItem = Static<typeof WantedItemSchema>;

/** 目录外申请 (R069): what is needed and is in no catalog yet. */
export const NewOffCatalogRequestSchema = Type.Object(
  {
    name: Type.String({ pattern: '\\S', maxLength: 200, description: '所需信息的名称 / what is needed' }),
    items: Type.Array(WantedItemSchema, { minItems: 1, maxItems: 200 }),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true, default: ['docking'] }),
    validTo: Type.Optional(TimeSchema),
    department: Type.Optional(
      Type.String({
        pattern: IdSchema.pattern as string,
        description:
          '掌握该信息的部门,不知道则不写,由主管部门指派 / department that holds it; left out: the competent department finds it',
      }),
    ),
  },
  { additionalProperties: false },
);
export type NewOffCatalogRequest = Static<typeof NewOffCatalogRequestSchema>;

const PREFIX = 'req-';

/** Ids of requests are told apart from those of agreements, so that one command serves both. */
export const requestId = (unique: string): string => PREFIX + unique;
export const isRequestId = (id: string): boolean => id.startsWith(PREFIX);
