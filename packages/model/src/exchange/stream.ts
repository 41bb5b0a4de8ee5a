import { type Static, Type } from '@sinclair/typebox';
import { ResourceCodeSchema } from '../catalog/resource.js';

/** The ordered batches of one resource from one agent. A new epoch starts with a snapshot or diff. */
export const StreamSchema = Type.Object(
  { resource: ResourceCodeSchema, agent: Type.String(), epoch: Type.Integer({ minimum: 1 }) },
  { $id: 'Stream', additionalProperties: false },
);
export type Stream = Static<typeof StreamSchema>;

/** `resource/agent/epoch`: one text for logs, ledger rows and folders. */
export function streamName(stream: Stream): string {
  return `${stream.resource}/${stream.agent}/${stream.epoch}`;
}

/** The newest batch a party knows of a stream or delivery; seq 0 with a null digest before the first. */
export const HeadSchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 0 }),
    rowsDigest: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Head = Static<typeof HeadSchema>;
