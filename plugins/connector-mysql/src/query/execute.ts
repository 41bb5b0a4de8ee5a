import type { Connection, FieldPacket } from 'mysql2';

export interface Executed {
  /** Every value as its bytes. */
  readonly rows: readonly (readonly (Buffer | null)[])[];
  readonly fields: readonly FieldPacket[];
}

/** Runs a statement that the server has prepared, and keeps it prepared; its errors are the driver's own. */
export function executed(client: Connection, sql: string, values: readonly (string | null)[]): Promise<Executed> {
  return new Promise((resolve, reject) => {
    const options = { sql, rowsAsArray: true, typeCast: (field: { buffer(): Buffer | null }) => field.buffer() };
    client.execute(options as never, [...values], (error, rows, fields) => {
      if (error) reject(error);
      else resolve({ rows: rows as unknown as Executed['rows'], fields });
    });
  });
}
