import {
  AssignmentsSchema,
  agentRoutes,
  LeaseSchema,
  type Problem,
  SignedReceiptSchema,
  SignedSchema,
} from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';

const { pollDeliveries, heads } = agentRoutes;

/** What an agent says beside its batches: receipts of what it applied, and where each delivery it wants is to go on. */
export const AgentNotesSchema = Type.Object({
  receipts: Type.Array(SignedReceiptSchema),
  wants: Type.Array(Type.Pick(pollDeliveries.body, ['resource', 'agreement', 'mode', 'after', 'wholeFiles'])),
});
export type AgentNotes = Static<typeof AgentNotesSchema>;
export type Want = AgentNotes['wants'][number];

const RefusalSchema = Type.Object({
  resource: Type.String(),
  epoch: Type.Integer(),
  seq: Type.Integer(),
  package: Type.Integer(),
  problem: Type.Unsafe<Problem>(Type.Object({ code: Type.String(), kind: Type.String() })),
});
export type Refusal = Static<typeof RefusalSchema>;

/**
 * What the platform says beside its deliveries: orders and lease, receipts of the batches it stored and why it refused others, and
 * what it holds of the agent's streams.
 */
export const PlatformNotesSchema = Type.Object({
  assignments: SignedSchema(AssignmentsSchema),
  lease: SignedSchema(LeaseSchema),
  receipts: Type.Array(SignedReceiptSchema),
  refusals: Type.Array(RefusalSchema),
  heads: heads.response.properties.streams,
});
export type PlatformNotes = Static<typeof PlatformNotesSchema>;
