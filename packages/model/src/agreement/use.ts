import { type Static, Type } from '@sinclair/typebox';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { ModeSchema } from '../exchange/mode.js';

/** What one grant version is used for in one mode: its operations are numbered from 1 without gaps. */
export const UseSchema = Type.Object(
  {
    agreement: Type.String(),
    grantVersion: Type.Integer({ minimum: 1 }),
    resource: ResourceCodeSchema,
    mode: ModeSchema,
  },
  { additionalProperties: false },
);
export type Use = Static<typeof UseSchema>;

/** `agreement/grantVersion/resource/mode`. */
export function useName({ agreement, grantVersion, resource, mode }: Use): string {
  return `${agreement}/${grantVersion}/${resource}/${mode}`;
}
