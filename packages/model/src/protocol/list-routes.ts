import { type Static, Type } from '@sinclair/typebox';
import { ListEntrySchema, ListKindSchema } from '../catalog/lists.js';
import { TimedDutySchema } from '../duty/timed-duty.js';
import { everyone, TimeSchema } from './fields.js';
import { route } from './route.js';

/** A department's list as it was last put. */
export const DepartmentListSchema = Type.Object(
  {
    list: ListKindSchema,
    department: Type.String(),
    entries: Type.Array(ListEntrySchema),
    putBy: Type.String(),
    putAt: TimeSchema,
    duties: Type.Optional(
      Type.Array(TimedDutySchema, {
        description:
          '法定共享清单 (R017):目录中尚缺、须限期补齐的 / what the catalog lacks, to be added in time',
      }),
    ),
  },
  { $id: 'DepartmentList' },
);
export type DepartmentList = Static<typeof DepartmentListSchema>;

/** 责任清单, 需求清单, 负面清单 (R018), 法定共享清单 (R017). */
export const listRoutes = {
  departmentLists: route({
    method: 'GET',
    path: '/catalog/lists/{list}',
    access: everyone,
    summary:
      '责任清单、需求清单、负面清单 (R018)、法定共享清单 (R017) / lists of responsibility, demand, what is not shared, and what a law requires to be',
    query: Type.Object({ department: Type.Optional(Type.String()) }),
    response: Type.Object({ lists: Type.Array(DepartmentListSchema) }),
  }),
  putDepartmentList: route({
    method: 'PUT',
    path: '/catalog/lists/{list}',
    access: ['catalog-editor'],
    summary: '提交本部门的清单,整份替换 (R018) / put a list of the own department in place of the one before',
    body: Type.Object(
      { entries: Type.Array(ListEntrySchema, { maxItems: 5000 }) },
      { additionalProperties: false },
    ),
    response: DepartmentListSchema,
  }),
} as const;
