import { type Static, Type } from '@sinclair/typebox';
import { KeyRecordSchema } from '../crypto/keys.js';
import { ExchangeReportSchema } from './agent-reports.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { roles, route } from './route.js';

const RoleSchema = Type.Union(roles.map((role) => Type.Literal(role)));

export const DepartmentSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    uscc: Type.Optional(Type.String({ description: '提供方代码 (统一社会信用代码)' })),
    region: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{5}$',
        description:
          '行政区划代码 (GB/T 2260),如 441302;有了它,跨县区的申请先由申请方的主管部门转送 (R075) / region; with it what is applied for across regions is forwarded first',
      }),
    ),
    police: Type.Boolean({ default: false, description: 'police keep identity data themselves (R048)' }),
    competent: Type.Boolean({
      default: false,
      description: '主管部门: may decide applications to any provider',
    }),
  },
  { $id: 'Department', additionalProperties: false },
);
export type Department = Static<typeof DepartmentSchema>;

export const AccountSchema = Type.Object(
  {
    account: IdSchema,
    name: Type.String(),
    department: Type.Union([IdSchema, Type.Null()]),
    roles: Type.Array(RoleSchema, { uniqueItems: true }),
    disabled: Type.Boolean(),
  },
  { $id: 'Account' },
);
export type Account = Static<typeof AccountSchema>;

const Password = Type.String({ minLength: 12, maxLength: 200 });

export const AgentSchema = Type.Object(
  {
    agent: IdSchema,
    department: IdSchema,
    state: Type.Union([Type.Literal('invited'), Type.Literal('enrolled'), Type.Literal('revoked')]),
    keys: Type.Array(KeyRecordSchema),
    lastSeenAt: Type.Union([TimeSchema, Type.Null()]),
    exchanges: Type.Array(ExchangeReportSchema),
  },
  { $id: 'Agent' },
);
export type Agent = Static<typeof AgentSchema>;

const CodeResponse = Type.Object({ ok: Type.Literal(true) });

/** First start, sessions, departments, accounts, agents. */
export const identityRoutes = {
  platformInfo: route({
    method: 'GET',
    path: '/info',
    access: 'public',
    summary: '平台名称、版本、密钥指纹 / name, version, key id, whether the first account exists',
    response: Type.Object({
      audience: Type.String(),
      region: Type.Optional(Type.String({ description: '行政区划代码 (GB/T 2260)' })),
      version: Type.String(),
      keyId: Type.String(),
      ready: Type.Boolean(),
      serverTime: TimeSchema,
    }),
  }),
  setup: route({
    method: 'POST',
    path: '/setup',
    access: 'public',
    summary: '以首次启动码建立安全保密员账号 / make the security officer with the first-start code, once',
    body: Type.Object(
      { code: Type.String(), account: IdSchema, name: Type.String({ minLength: 1 }), password: Password },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  signIn: route({
    method: 'POST',
    path: '/sessions',
    access: 'public',
    summary: '登录 / sign in',
    body: Type.Object(
      {
        account: Type.String(),
        password: Type.String({ maxLength: 200 }),
        code: Type.Optional(
          Type.String({ maxLength: 50, description: 'one-time or recovery code, where the account has one' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({
      token: Type.String(),
      expiresAt: TimeSchema,
      account: AccountSchema,
      enrolTotp: Type.Optional(
        Type.Boolean({ description: 'the session is good for setting up a one-time code alone' }),
      ),
    }),
  }),
  beginTotp: route({
    method: 'POST',
    path: '/sessions/current/totp',
    access: everyone,
    summary: '开始绑定动态口令 / a new secret for an authenticator, shown this once',
    response: Type.Object({ secret: Type.String(), uri: Type.String() }),
  }),
  confirmTotp: route({
    method: 'PUT',
    path: '/sessions/current/totp',
    access: everyone,
    summary: '以首个动态口令确认绑定,得到恢复码 / prove the authenticator; recovery codes, shown this once',
    body: Type.Object({ code: Type.String({ maxLength: 50 }) }, { additionalProperties: false }),
    response: Type.Object({ recoveryCodes: Type.Array(Type.String()) }),
  }),
  signOut: route({
    method: 'DELETE',
    path: '/sessions/current',
    access: everyone,
    summary: '退出 / sign out',
    response: CodeResponse,
  }),
  whoAmI: route({
    method: 'GET',
    path: '/sessions/current',
    access: everyone,
    summary: '当前账号 / the signed-in account',
    response: AccountSchema,
  }),
  listDepartments: route({
    method: 'GET',
    path: '/departments',
    access: everyone,
    summary: '部门列表 / departments',
    response: Type.Object({ departments: Type.Array(DepartmentSchema) }),
  }),
  putDepartment: route({
    method: 'PUT',
    path: '/departments/{id}',
    access: ['security-officer'],
    summary: '登记部门 / register or change a department',
    body: DepartmentSchema,
    response: DepartmentSchema,
  }),
  listAccounts: route({
    method: 'GET',
    path: '/accounts',
    access: ['security-officer', 'auditor', 'department-admin'],
    summary: '账号列表 / accounts (a department admin sees its own)',
    response: Type.Object({ accounts: Type.Array(AccountSchema) }),
  }),
  createAccount: route({
    method: 'POST',
    path: '/accounts',
    access: ['security-officer'],
    summary: '建立账号 / make an account bound to department and roles',
    body: Type.Object(
      {
        account: IdSchema,
        name: Type.String({ minLength: 1 }),
        department: Type.Union([IdSchema, Type.Null()]),
        roles: Type.Array(RoleSchema, { minItems: 1 }),
        password: Password,
      },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  changeAccount: route({
    method: 'PATCH',
    path: '/accounts/{account}',
    access: ['security-officer'],
    summary: '停用、改角色或重设口令 / disable, change roles or reset the password; ends its sessions',
    body: Type.Object(
      {
        disabled: Type.Optional(Type.Boolean()),
        roles: Type.Optional(Type.Array(RoleSchema, { minItems: 1 })),
        password: Type.Optional(Password),
        resetTotp: Type.Optional(
          Type.Boolean({ description: 'the authenticator is lost: the next sign-in goes without' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  listAgents: route({
    method: 'GET',
    path: '/agents',
    access: ['security-officer', 'department-admin', 'operator', 'auditor'],
    summary: '前置机列表 / agents (own department unless officer or auditor)',
    response: Type.Object({ agents: Type.Array(AgentSchema) }),
  }),
  invite: route({
    method: 'POST',
    path: '/enrolments',
    access: ['security-officer'],
    summary: '签发一次性登记令牌 / issue a one-time enrolment token bound to department and agent name',
    body: Type.Object(
      {
        agent: IdSchema,
        department: IdSchema,
        minutes: Type.Integer({ minimum: 1, maximum: 1440, default: 30 }),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ token: Type.String(), agent: IdSchema, expiresAt: TimeSchema }),
  }),
  revokeAgent: route({
    method: 'POST',
    path: '/agents/{agent}/revoke',
    access: ['security-officer'],
    summary: '吊销前置机 / revoke an agent and its keys',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: AgentSchema,
  }),
} as const;
