import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { expect, it } from 'vitest';

describeWithPostgres('the PostgreSQL of a test run', (url) => {
  it('keeps what it commits (fsync, full_page_writes and synchronous_commit are on)', async () => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(
      "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name",
    );
    await client.end();
    expect(rows.map(({ setting }) => setting)).toEqual(['on', 'on', 'on']);
  });
});
