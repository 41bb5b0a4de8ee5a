import { describeCapture, describeWithMysql } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { mysqlHarness } from './test/harness.js';
import { describeSite, signal } from './test/site.js';

describeWithMysql('MySQL', (url) => {
  describeCapture(mysqlHarness(url), (log, serial) => `ALTER TABLE ${log} AUTO_INCREMENT = ${serial}`);
});

describeSite('mysql capture', (site) => {
  it('finds that a key column grew, which its change table would refuse to the program, and mends it', async () => {
    const run = (sql: string) => site().db.run(sql);
    await run('CREATE TABLE grown (code VARCHAR(4) PRIMARY KEY)');
    const connection = await site().open();
    const capture = connection.capture!;
    const spec = { table: 'grown' };
    const states = async () => (await capture.inspect(spec, signal)).map(({ state }) => state);
    await capture.install(spec, signal);
    await run('ALTER TABLE grown MODIFY code VARCHAR(12)');
    expect((await states())[0]).toBe('changed');
    await capture.install(spec, signal);
    expect(new Set(await states())).toEqual(new Set(['ok']));
    await run(`INSERT INTO grown VALUES ('longer-now')`);
  });
});
