/** What a row says: `S` part of a snapshot, `U` upsert (whole row), `D` delete (key only). */
export type RowOp = 'S' | 'U' | 'D';

export const rowOps = ['S', 'U', 'D'] as const satisfies readonly RowOp[];

/** The op field's byte. */
export const opByte = { S: 0x53, U: 0x55, D: 0x44 } as const satisfies Record<RowOp, number>;

/** The op of a byte; undefined for any other byte. */
export function opOf(byte: number | undefined): RowOp | undefined {
  if (byte === opByte.U) return 'U';
  if (byte === opByte.S) return 'S';
  return byte === opByte.D ? 'D' : undefined;
}
