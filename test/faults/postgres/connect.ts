import pg from 'pg';

/** Rows come with whole numbers as numbers. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
  // a server that is stopped under it fails the query as well
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const INT8 = 20;

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}
