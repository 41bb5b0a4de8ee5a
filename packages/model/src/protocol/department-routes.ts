import { type Static, Type } from '@sinclair/typebox';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { route } from './route.js';

/** The three persons every unit names (R081): 分管领导、联络员、技术人员. */
export const contactRoles = ['leader', 'liaison', 'technician'] as const;
export type ContactRole = (typeof contactRoles)[number];
const ContactRoleSchema = Type.Union(contactRoles.map((role) => Type.Literal(role)));
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Day = Type.String({ format: 'date', description: 'of Asia/Shanghai' });

const contactFields = {
  name: Name,
  title: Type.String({ maxLength: 100, default: '', description: '职务 / position' }),
  phone: Type.String({
    minLength: 3,
    maxLength: 50,
    description: 'office telephone: the roster is published',
  }),
  since: Type.Optional(
    Type.String({ format: 'date', description: 'day the person acts from; today where it is not said' }),
  ),
};

export const ContactSchema = Type.Object(
  {
    role: ContactRoleSchema,
    name: Name,
    title: Type.String(),
    phone: Type.String(),
    since: Type.String({ format: 'date' }),
    reportedAt: TimeSchema,
  },
  { $id: 'Contact', additionalProperties: false },
);
export type Contact = Static<typeof ContactSchema>;

/** One unit of the roster: whom to call, and which of the three are not named. */
export const RosterEntrySchema = Type.Object(
  {
    department: IdSchema,
    name: Type.String(),
    contacts: Type.Array(ContactSchema),
    missing: Type.Array(ContactRoleSchema),
  },
  { $id: 'RosterEntry' },
);
export type RosterEntry = Static<typeof RosterEntrySchema>;

export const AccessStepSchema = Type.Object(
  {
    step: IdSchema,
    reference: Type.String({ description: '文号 / number of the document' }),
    doneOn: Type.String({ format: 'date' }),
    recordedBy: Type.String(),
    recordedAt: TimeSchema,
  },
  { $id: 'AccessStep' },
);
export type AccessStep = Static<typeof AccessStepSchema>;

const AccessSchema = Type.Object({
  department: IdSchema,
  steps: Type.Array(AccessStepSchema),
  missing: Type.Array(IdSchema, { description: 'steps config demands before an agent may be invited' }),
});
export type DepartmentAccess = Static<typeof AccessSchema>;

/** Contacts, roster and access procedure (接入手续) of departments: R080–R082. */
export const departmentRoutes = {
  roster: route({
    method: 'GET',
    path: '/roster',
    access: everyone,
    summary: '联系人名册 / the roster: three named contacts of every unit, and who is missing',
    response: Type.Object({ roster: Type.Array(RosterEntrySchema) }),
  }),
  contacts: route({
    method: 'GET',
    path: '/departments/{id}/contacts',
    access: everyone,
    summary: '一个部门的联系人 / contacts of one unit',
    response: RosterEntrySchema,
  }),
  putContact: route({
    method: 'PUT',
    path: '/departments/{id}/contacts/{role}',
    access: ['department-admin', 'security-officer'],
    summary: '登记或更换联系人 / name a contact, or the successor of one',
    body: Type.Object(contactFields, { additionalProperties: false }),
    response: RosterEntrySchema,
  }),
  vacateContact: route({
    method: 'POST',
    path: '/departments/{id}/contacts/{role}/vacate',
    access: ['department-admin', 'security-officer'],
    summary:
      '联系人离任,待报接任者 / a contact left; the successor is to be reported within the profile’s days',
    body: Type.Object(
      { reason: Type.String({ minLength: 1, maxLength: 500 }) },
      { additionalProperties: false },
    ),
    response: RosterEntrySchema,
  }),
  departmentAccess: route({
    method: 'GET',
    path: '/departments/{id}/access',
    access: ['security-officer', 'department-admin', 'auditor'],
    summary: '接入手续 / steps of the access procedure, done and missing',
    response: AccessSchema,
  }),
  recordAccessStep: route({
    method: 'PUT',
    path: '/departments/{id}/access/{step}',
    access: ['security-officer'],
    summary: '登记一项接入手续已办 / record that a step of the access procedure was done',
    body: Type.Object(
      { reference: Type.String({ minLength: 1, maxLength: 200 }), doneOn: Day },
      { additionalProperties: false },
    ),
    response: AccessSchema,
  }),
} as const;
