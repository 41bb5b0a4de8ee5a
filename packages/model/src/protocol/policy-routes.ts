import { type Static, Type } from '@sinclair/typebox';
import { PolicyProfileSchema } from '../policy/profile.js';
import { everyone, TimeSchema } from './fields.js';
import { route } from './route.js';

/** Which policy profile was in force from when on. */
export const PolicySwitchSchema = Type.Object(
  {
    profile: Type.String(),
    since: TimeSchema,
    by: Type.String({ description: '`person:ACCOUNT`, or `platform` where its config says so' }),
    reason: Type.String(),
  },
  { $id: 'PolicySwitch' },
);
export type PolicySwitch = Static<typeof PolicySwitchSchema>;

const PolicyInForceSchema = Type.Object(
  {
    current: PolicyProfileSchema,
    chosenBy: Type.Union([Type.Literal('config'), Type.Literal('command'), Type.Literal('default')]),
    changedFile: Type.Boolean({
      description:
        'its file says something else by now; what was taken into force is judged by until it is used again',
    }),
    available: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), status: Type.String() })),
    switches: Type.Array(PolicySwitchSchema, { description: 'newest first' }),
  },
  { $id: 'PolicyInForce' },
);
export type PolicyInForce = Static<typeof PolicyInForceSchema>;

/** The policy profile that matters beginning now are judged by. */
export const policyRoutes = {
  policyInForce: route({
    method: 'GET',
    path: '/policy',
    access: everyone,
    summary: '现行政策配置 / the policy profile in force',
    response: PolicyInForceSchema,
  }),
  usePolicy: route({
    method: 'PUT',
    path: '/policy',
    access: ['system-admin', 'security-officer'],
    summary: '改用政策配置,只及于此后开始的事项 / switch the profile, for matters that begin from now on',
    body: Type.Object(
      { profile: Type.String({ minLength: 1 }), reason: Type.String({ minLength: 1 }) },
      { additionalProperties: false },
    ),
    response: PolicyInForceSchema,
  }),
} as const;
