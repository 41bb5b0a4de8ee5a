import { type Static, Type } from '@sinclair/typebox';
import { type Problem, ProblemSchema } from '../errors/problem.js';
import { type Role, route } from './route.js';

const Count = Type.Integer({ minimum: 0 });

export const TakenPackageSchema = Type.Object(
  { number: Count, file: Type.String(), entries: Count, bytes: Count },
  { $id: 'TakenPackage' },
);
export type TakenPackage = Static<typeof TakenPackageSchema>;

/** Packages between two sides, as one of them knows it. */
export const PackageStatusSchema = Type.Object(
  {
    self: Type.String(),
    peer: Type.String(),
    sent: Type.Integer({ description: 'number of the newest package laid out' }),
    confirmed: Type.Integer({ description: 'up to which the other side said that it has them' }),
    outstanding: Type.Array(
      Type.Object({ number: Count, file: Type.String(), bytes: Count, sentAt: Type.String() }),
    ),
    taken: Count,
    takenAt: Type.Optional(Type.String()),
    waiting: Type.Array(Type.String(), { description: 'files in the in-folder' }),
    missing: Type.Array(Count, { description: 'numbers they wait for' }),
    refused: Type.Array(
      Type.Object({ file: Type.String(), at: Type.String(), problem: Type.Unsafe<Problem>(ProblemSchema) }),
    ),
  },
  { $id: 'PackageStatus' },
);
export type PackageStatus = Static<typeof PackageStatusSchema>;

const acting: readonly Role[] = ['operator', 'security-officer'];

/** Packages that carry data where no line joins an agent to the platform. */
export const packageRoutes = {
  listPackages: route({
    method: 'GET',
    path: '/packages',
    access: [...acting, 'department-admin', 'auditor'],
    summary: '摆渡包收发情况 / packages sent, outstanding, taken, missing and refused, by agent',
    response: Type.Object({
      in: Type.String({ description: 'folder at the platform' }),
      out: Type.String(),
      agents: Type.Array(PackageStatusSchema),
    }),
  }),
  runPackages: route({
    method: 'POST',
    path: '/packages/runs',
    access: acting,
    summary: '立即收发摆渡包 / take what arrived and lay out what waits, now',
    body: Type.Object(
      {
        agent: Type.String(),
        again: Type.Optional(
          Type.Integer({ minimum: 1, description: 'lay this kept package out once more' }),
        ),
        anew: Type.Optional(
          Type.Boolean({
            description: 'lay out again all deliveries that the agent did not report as applied',
          }),
        ),
        restart: Type.Optional(
          Type.Boolean({ description: 'the agent lost its own numbers: both sides begin at 1 again' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ taken: Type.Array(TakenPackageSchema), sent: Type.Array(Type.String()) }),
  }),
} as const;
