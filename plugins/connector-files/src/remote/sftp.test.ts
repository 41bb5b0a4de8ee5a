import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithSshd, type Sshd, startSshd, startTcpProxy } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deltaOf, snapshotOf } from '../test/batches.js';
import { configOf } from '../test/sftp-site.js';
import { openSite, person, readAll, type Site, signal } from '../test/site.js';
import { sftpConnector } from './connector.js';
import { createServer } from './server.js';
import { download, remoteDigest, upload } from './transfer.js';

const noReject = async () => {
  throw new Error('nothing is rejected here');
};

describeWithSshd('an SFTP server as an end', () => {
  let sshd: Sshd;
  let mirror: string;
  let site: Site;

  async function open(options = '') {
    sshd = await startSshd(options);
    mirror = await mkdtemp(join(tmpdir(), 'qianzhi-mirror-'));
    site = openSite();
  }
  async function close() {
    await sshd[Symbol.asyncDispose]();
    await rm(mirror, { recursive: true, force: true });
    site[Symbol.dispose]();
  }
  beforeEach(() => open());
  afterEach(close);

  const connect = (more: object = {}) =>
    sftpConnector.open(configOf(sshd, mirror, more), site.context, signal);
  const there = (below = '.') =>
    readdirSync(join(sshd.folder, below))
      .filter((name) => name !== 'out' && name !== 'done')
      .sort();
  const source = async (
    spec: object,
    strategy: 'snapshot' | 'change-table' = 'snapshot',
    more: object = {},
  ) =>
    (await connect(more)).source(
      { resource: person, strategy, source: { complete: { quietSeconds: 0 }, ...spec } },
      signal,
    );

  describe('the host key', () => {
    it('is shown and refused while the config pins none, and refused when it is another', async () => {
      const none = connect({ hostFingerprint: undefined }).then((connection) => connection.check(signal));
      await expect(none).rejects.toMatchObject({
        code: 'QZ_SFTP_HOST_UNKNOWN',
        details: { fingerprint: sshd.fingerprint },
      });
      const other = await connect({ hostFingerprint: `SHA256:${'B'.repeat(43)}` });
      await expect(other.check(signal)).rejects.toMatchObject({ code: 'QZ_SFTP_HOST_CHANGED', kind: 'auth' });
      const two = await connect({ hostFingerprint: [`SHA256:${'B'.repeat(43)}`, sshd.fingerprint] });
      expect((await two.check(signal)).notes[0]!.level).toBe('ok');
    });
  });

  describe('as a source', () => {
    it('reads complete files, puts them aside on the server after the receipt, and acknowledges them', async () => {
      await writeFile(join(sshd.folder, '企业_1.csv'), 'id,name\n1,甲\n');
      await writeFile(join(sshd.folder, '企业_2.csv.part'), 'id,name\n2,');
      const opened = await source({ pattern: '企业_*', done: 'move', acknowledge: '.ack' }, 'change-table');
      const { rows, checkpoint } = await readAll(opened);
      expect(rows).toEqual([['U', '1', '甲']]);
      expect(there()).toEqual(['企业_1.csv', '企业_2.csv.part']);
      await opened.confirm(checkpoint!, signal);
      await opened.confirm(checkpoint!, signal);
      expect(there()).toEqual(['企业_1.csv.ack', '企业_2.csv.part']);
      expect(there('done')).toEqual(['0000000001-企业_1.csv']);
      expect(JSON.parse(await readFile(join(sshd.folder, '企业_1.csv.ack'), 'utf8'))).toMatchObject({
        file: '企业_1.csv',
        number: 1,
      });
      expect((await readAll(opened, checkpoint)).rows).toEqual([]);
    });

    it('waits until a file lies unchanged by the agent’s own clock', async () => {
      await writeFile(join(sshd.folder, 'a.csv'), 'id,name\n1,x\n');
      const waiting = await source({ pattern: 'a.csv', complete: { quietSeconds: 60 } });
      await expect(readAll(waiting)).rejects.toMatchObject({ code: 'QZ_FILES_NO_FILE' });
      site.clock = new Date(site.clock.getTime() + 61_000);
      expect((await readAll(waiting)).rows).toHaveLength(1);
    });

    it('waits for the marker', async () => {
      await writeFile(join(sshd.folder, 'a.csv'), 'id,name\n1,x\n');
      const marked = await source({ pattern: '*.csv', complete: { marker: '.ok' } });
      await expect(readAll(marked)).rejects.toMatchObject({ code: 'QZ_FILES_NO_FILE' });
      await writeFile(join(sshd.folder, 'a.csv.ok'), '');
      expect((await readAll(marked)).rows).toHaveLength(1);
    });

    it('follows no name out of its folder and no link', async () => {
      await writeFile(join(sshd.folder, '..', 'secret.csv'), 'id,name\n1,x\n');
      const { symlink } = await import('node:fs/promises');
      await symlink(join(sshd.folder, '..', 'secret.csv'), join(sshd.folder, 'link.csv'));
      await expect(readAll(await source({ pattern: '*.csv' }))).rejects.toMatchObject({
        code: 'QZ_FILES_NO_FILE',
      });
    });
  });

  describe('as a target', () => {
    async function sinkOf(more: object = {}, target: object = {}) {
      await mkdir(join(sshd.folder, 'out'), { recursive: true });
      const connection = await connect(more);
      const spec = { folder: 'out', name: '人口', marker: '.ok', manifest: true, ...target };
      return connection.sink({ exchange: 'in', resource: person, target: spec }, signal);
    }

    it('shows whole files with manifest and marker, and leaves no copy behind', async () => {
      const sink = await sinkOf();
      const [first] = snapshotOf(person, 1, 's', [[['1', '甲']]]);
      expect(await sink.write(first!, noReject, signal)).toMatchObject({ stage: 'applied' });
      const file = '人口-0000000001-full.csv';
      expect(there('out')).toEqual([file, `${file}.manifest.json`, `${file}.ok`, '人口.schema.json']);
      expect(await readFile(join(sshd.folder, 'out', file), 'utf8')).toBe('id,name\n1,甲\n');
      const manifest = JSON.parse(await readFile(join(sshd.folder, 'out', `${file}.manifest.json`), 'utf8'));
      expect(manifest).toMatchObject({ file, bytes: 14, resource: 'files_test', agreement: 'a-1', seq: 1 });
      expect(readdirSync(join(mirror, 'out', 'out', '人口')).sort()).toEqual([
        '.qianzhi',
        '人口.schema.json',
      ]);
    });

    it.each(['', '-P posix-rename'])(
      'answers again with what it wrote before, on a server with %s',
      async (options) => {
        await close();
        await open(options);
        const sink = await sinkOf();
        const batch = deltaOf(person, 1, [['U', '1', 'x']]);
        const first = await sink.write(batch, noReject, signal);
        expect(await sink.write(batch, noReject, signal)).toEqual(first);
        await sink.write(deltaOf(person, 2, [['D', '1', null]]), noReject, signal);
        expect(there('out').filter((name) => name.endsWith('.csv'))).toHaveLength(2);
        expect(there('out').filter((name) => name.startsWith('.'))).toEqual([]);
      },
    );

    it('does not answer for what is not on the server: it goes there first after a cut', async () => {
      const sink = await sinkOf();
      await sshd.stop();
      const batch = deltaOf(person, 1, [['U', '1', 'x']]);
      await expect(sink.write(batch, noReject, signal)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(sink.ledgerHead(batch.delivery, signal)).rejects.toMatchObject({ kind: 'unavailable' });
      await sshd.start();
      expect(await sink.ledgerHead(batch.delivery, signal)).toMatchObject({ seq: 1, stage: 'applied' });
      expect(there('out')).toContain('人口-0000000001-changes.csv');
    });

    it('writes over nobody’s file', async () => {
      const sink = await sinkOf();
      await writeFile(join(sshd.folder, 'out', '人口-0000000001-changes.csv'), 'of somebody else');
      await expect(sink.write(deltaOf(person, 1, [['U', '1', 'x']]), noReject, signal)).rejects.toMatchObject(
        { code: 'QZ_SFTP_NAME_TAKEN', kind: 'conflict' },
      );
    });
  });

  describe('a transfer', () => {
    const size = 5_000_000;

    it('goes on behind what a cut left, both ways, and is proven', async () => {
      const bytes = randomBytes(size);
      const local = site.put('whole.bin', bytes);
      const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: sshd.port } });
      const server = createServer(configOf(sshd, mirror, { port: proxy.port, timeoutSeconds: 30 }) as never);
      const remote = join(sshd.folder, '大文件.bin');
      const parts = () => readdirSync(sshd.folder).filter((name) => name.endsWith('.part'));
      proxy.resetAfter(2_000_000, 'toTarget');
      await expect(upload(server, local, remote, signal)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(parts()).toHaveLength(1);
      const before = proxy.passed.toTarget;
      await upload(server, local, remote, signal);
      expect(proxy.passed.toTarget - before).toBeLessThan(size);
      expect((await readFile(remote)).equals(bytes)).toBe(true);

      const part = join(mirror, 'part');
      await writeFile(part, bytes.subarray(0, 3_000_000));
      const received = proxy.passed.toClient;
      await download(server, remote, size, part, signal);
      expect(proxy.passed.toClient - received).toBeLessThan(3_000_000);
      expect((await readFile(part)).equals(bytes)).toBe(true);
      await server[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    });

    it.each(['digest', 'size'])(
      'begins anew where the part on the server is no beginning of the file: verify %s',
      async (verify) => {
        const local = site.put('whole.bin', randomBytes(100_000));
        const server = createServer(configOf(sshd, mirror, { verify }) as never);
        const remote = join(sshd.folder, 'x.bin');
        await upload(server, local, remote, signal);
        const digest = await remoteDigest(server, remote, 100_000, signal);
        const part = join(sshd.folder, `.x.bin.${digest.slice(0, 8)}.part`);
        await writeFile(part, Buffer.alloc(50_000));
        await truncate(remote, 0);
        await upload(server, local, remote, signal);
        expect(await remoteDigest(server, remote, 100_000, signal)).toBe(digest);
        await server[Symbol.asyncDispose]();
      },
    );

    it('gives a server up that stays silent, within its time', async () => {
      const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: sshd.port } });
      const stalled = await connect({ port: proxy.port, timeoutSeconds: 3 });
      await stalled.check(signal);
      proxy.stall();
      await expect(stalled.check(signal)).rejects.toMatchObject({ code: 'QZ_SFTP_TIMEOUT', kind: 'timeout' });
      proxy.flow();
      expect((await stalled.check(signal)).server).toBe(`sftp 127.0.0.1:${proxy.port}`);
      await stalled[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    });
  });
});
