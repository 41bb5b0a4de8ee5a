import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../plugins/connector-postgres/src/test/database.js';
import { resourceOf } from '../fixtures/resource.js';
import { columnNames, rowsOf } from '../fixtures/tables.js';
import { collectReceipts, expectEvidence } from './evidence.js';
import { createGate } from './gate.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** Runs that stay open on both sides of the platform, from a PostgreSQL log, while grants change under them. */
describeWithPostgres('continuous runs under grants that change', (url) => {
  const columns = ['code', 'name', 'phone'];
  const modeOptions = { continuous: true };
  const incoming = createGate();
  let database: TestDatabase;
  let site: Site;
  let mz: SiteAgent;
  let sw: SiteAgent;
  let rs: SiteAgent;
  let agreement: string;

  const targetOf = (agent: SiteAgent) => site.at(`${agent.name}.sqlite`);
  const run = (sql: string) => database.db.query(sql);
  const newest = (agent: SiteAgent) => agent.engine.jobs.list({})[0];
  const open = (agent: SiteAgent) => agent.engine.jobs.list({ state: 'running' }).map(({ id }) => id);
  const nameAt = (agent: SiteAgent, code: string) =>
    rowsOf(targetOf(agent), 'firm', ['code', 'name']).find(([found]) => found === code)?.[1];
  const arrives = (agent: SiteAgent, code: string, name: string) =>
    until(`${name} is at ${agent.name}`, () => nameAt(agent, code) === name);
  const deliveries = (agent: SiteAgent) =>
    agent.engine.streams.list().map(({ name, state }) => `${name.split('/')[1]} ${state}`);

  async function consumer(name: string, department: string): Promise<SiteAgent> {
    const target = { table: 'firm', create: true };
    return site.enrol(name, department, {
      connectors: { own: { type: 'sqlite', path: site.at(`${name}.sqlite`), create: true } },
      exchanges: [
        { name: 'in', consume: 'firm', connector: 'own', target, modeOptions, schedule: undefined },
      ],
    });
  }

  beforeAll(async () => {
    database = await createDatabase(url);
    await run(`CREATE TABLE firm (code varchar(20) PRIMARY KEY, name varchar(40), phone varchar(20));
      INSERT INTO firm SELECT 'c' || n, 'name' || n, '138' || n FROM generate_series(100, 149) n`);
    site = await createSite();
    await site.publish(
      resourceOf('firm', [
        { column: 'code' },
        { column: 'name' },
        { column: 'phone', sharing: 'conditional' },
      ]),
    );
    const { hostname, port, username, password } = new URL(database.url);
    const login = { host: hostname, port: Number(port), user: username, password, database: database.name };
    const source = { table: 'firm' };
    mz = await site.enrol('mz-1', 'mz', {
      connectors: { civil: { type: 'postgres', ...login } },
      exchanges: [
        {
          name: 'out',
          supply: 'firm',
          connector: 'civil',
          strategy: 'log',
          source,
          modeOptions,
          schedule: undefined,
        },
      ],
    });
    await site.supply('firm', 'mz-1');
    sw = await consumer('sw-1', 'sw');
    rs = await consumer('rs-1', 'rs');
    agreement = (await site.subscribe('sw', 'firm')).id;
    await site.subscribe('rs', 'firm');
    await mz.start();
    // a stream that is new is a change of the grants, which would end the runs that are to go on
    await until('the stream is known', () => site.reconciliation('firm').then((all) => all.length > 0));
    await Promise.all([sw.start({ channel: incoming.through }), rs.start()]);
    for (const agent of [sw, rs])
      await until(`there is a table at ${agent.name}`, () => columnsAt(agent).length > 0);
    for (const agent of [sw, rs]) await arrives(agent, 'c100', 'name100');
  });
  afterAll(async () => {
    incoming.open();
    await site?.close();
    const ours = 'FROM pg_replication_slots WHERE database = current_database()';
    await until('the slot is free', async () => (await run(`SELECT 1 ${ours} AND active`)).rowCount === 0);
    await run(`SELECT pg_drop_replication_slot(slot_name) ${ours}`);
    await database[Symbol.asyncDispose]();
  });

  const columnsAt = (agent: SiteAgent) => {
    try {
      return columnNames(targetOf(agent), 'firm');
    } catch {
      return [];
    }
  };

  it('a change goes to both, each in the run that is open', async () => {
    const before = [mz, sw, rs].map(open);
    expect(before.map((jobs) => jobs.length)).toEqual([1, 1, 1]);
    await run(`UPDATE firm SET name = 'both' WHERE code = 'c101'`);
    await Promise.all([arrives(sw, 'c101', 'both'), arrives(rs, 'c101', 'both')]);
    expect([mz, sw, rs].map(open)).toEqual(before);
  });

  it('a grant of more items: the run ends well, the next one has them, and the other agreement’s run goes on', async () => {
    const [before] = open(sw);
    const others = [mz, rs].map(open);
    const wider = await site.subscribe('sw', 'firm', { items: columns });
    expect(wider).toMatchObject({ id: agreement, grant: { body: { grantVersion: 2 } } });
    await until('the phones are there', () => columnsAt(sw).includes('phone'));
    await until('all of them are', () =>
      rowsOf(targetOf(sw), 'firm', ['phone']).every(([at]) => at !== null),
    );
    expect(sw.engine.jobs.status(before!)).toMatchObject({ state: 'done' });
    await run(`UPDATE firm SET name = 'wider', phone = '99' WHERE code = 'c102'`);
    await Promise.all([arrives(sw, 'c102', 'wider'), arrives(rs, 'c102', 'wider')]);
    expect(rowsOf(targetOf(sw), 'firm', columns)).toContainEqual(['c102', 'wider', '99']);
    expect(columnsAt(rs)).not.toContain('phone');
    expect([mz, rs].map(open)).toEqual(others);
    expect(deliveries(sw)).toEqual(['1 revoked', '2 running']);
  });

  it('a revocation: nothing more is applied, the run ends, and the other agreement’s run goes on', async () => {
    const [before] = open(sw);
    const others = [mz, rs].map(open);
    // on its way to the target when the grant ends
    incoming.fetchUpTo = 0;
    await run(`UPDATE firm SET name = 'held' WHERE code = 'c103'`);
    await arrives(rs, 'c103', 'held');
    await until('a delivery is held', () => incoming.held.size > 0);
    await site.revoke(agreement);
    await sw.sync();
    incoming.open();
    await run(`UPDATE firm SET name = 'secret' WHERE code = 'c104'; DELETE FROM firm WHERE code = 'c105'`);
    await arrives(rs, 'c104', 'secret');
    const ended = await until('the run is over', () => {
      const job = sw.engine.jobs.status(before!);
      return job.state !== 'running' && job;
    });
    const failed = await until('no run is open', () => {
      const job = newest(sw);
      return job?.state === 'failed' && job;
    });
    expect({ ended: ended.state, problem: failed.problem?.code }).toMatchObject({
      problem: expect.stringMatching(/^QZ_ENGINE_(REVOKED|NO_GRANT)$/),
    });
    expect(open(sw)).toEqual([]);
    expect(deliveries(sw)).toEqual(['1 revoked', '2 revoked']);
    expect(['c103', 'c104', 'c105'].map((code) => nameAt(sw, code))).toEqual([
      'name103',
      'name104',
      'name105',
    ]);
    const { receipts } = await collectReceipts(site);
    const last = receipts.filter(({ body }) => body.stage === 'rejected').at(-1);
    expect(last?.body).toMatchObject({ reason: 'revoked', rows: 1 });
    expect([mz, rs].map(open)).toEqual(others);
    expect(rowsOf(targetOf(rs), 'firm', ['code', 'name'])).toEqual(
      (await database.db.query({ text: 'SELECT code, name FROM firm ORDER BY 1', rowMode: 'array' })).rows,
    );
  });

  it('a new grant: a run by hand begins anew, with what was changed meanwhile', async () => {
    await site.subscribe('sw', 'firm');
    await sw.done('in');
    expect(nameAt(sw, 'c104')).toBe('secret');
    expect(nameAt(sw, 'c105')).toBe(undefined);
    await until('a run stays open', () => open(sw).length === 1);
    await run(`UPDATE firm SET name = 'again' WHERE code = 'c106'`);
    await Promise.all([arrives(sw, 'c106', 'again'), arrives(rs, 'c106', 'again')]);
  });

  it('evidence', () => expectEvidence(site));
});
