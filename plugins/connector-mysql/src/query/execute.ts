import type { Connection, FieldPacket } from 'mysql2';

export interface Executed {
  /** Every value as its bytes. */
  readonly rows: readonly (readonly (Buffer | null)[])[];
}

/** Runs a statement that the server has prepared, and keeps it prepared; its errors are the driver's own. */
export function executed(
  client: Connection,
  sql: string,
  values: readonly (string | null)[],
): Promise<Executed> {
  return new Promise((resolve, reject) => {
    const options = {
      sql,
      rowsAsArray: true,
      typeCast: (field: { buffer(): Buffer | null }) => field.buffer(),
    };
    client.execute(options as never, [...values], (error, rows) => {
      if (error) reject(error);
      else resolve({ rows: rows as unknown as Executed['rows'] });
    });
  });
}

/** Has the server prepare a statement, for its columns; even the constant parts of one that is run would be computed. */
export function prepared(client: Connection, sql: string): Promise<readonly FieldPacket[]> {
  return new Promise((resolve, reject) => {
    client.prepare(sql, (error, statement) => {
      if (error) return reject(error);
      const { columns } = statement as unknown as { readonly columns: readonly FieldPacket[] };
      resolve(columns);
    });
  });
}
