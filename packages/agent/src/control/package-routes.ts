import { PackageStatusSchema, route, TakenPackageSchema } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';

const local = 'public' as const;

/** Where packages join this agent to the platform; see `controlRoutes`. */
export const packageRoutes = {
  packages: route({
    method: 'GET',
    path: '/packages',
    access: local,
    summary: 'packages sent, outstanding, taken, missing and refused',
    response: PackageStatusSchema,
  }),
  exportPackage: route({
    method: 'POST',
    path: '/packages/export',
    access: local,
    summary: 'lay out what waits now, or a kept package once more',
    body: Type.Object({ again: Type.Optional(Type.Integer({ minimum: 1 })) }),
    response: Type.Object({
      package: Type.Union([Type.Object({ file: Type.String() }), Type.Null()]),
    }),
  }),
  importPackages: route({
    method: 'POST',
    path: '/packages/import',
    access: local,
    summary: 'take one file, or all that lies in the in-folder',
    body: Type.Object({ file: Type.Optional(Type.String()) }),
    response: Type.Object({ taken: Type.Array(TakenPackageSchema) }),
  }),
} as const;
