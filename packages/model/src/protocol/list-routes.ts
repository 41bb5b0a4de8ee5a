import { type Static, Type } from '@sinclair/typebox';
import { ListEntrySchema, ListKindSchema } from '../catalog/lists.js';
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
  },
  { $id: 'DepartmentList' },
);
export type DepartmentList = Static<typeof DepartmentListSchema>;

/** 责任清单, 需求清单, 负面清单 (R018). */
export const listRoutes = {
  departmentLists: route({
    method: 'GET',
    path: '/catalog/lists/{list}',
    access: everyone,
    summary: '责任清单、需求清单、负面清单 (R018) / lists of responsibility, demand and what is not shared',
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
