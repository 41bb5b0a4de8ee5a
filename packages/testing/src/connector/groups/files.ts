import assert from 'node:assert/strict';
import { wholeFilesProblem, withContent } from '@qianzhi/model';
import type {
  FilePartBlock,
  FileSink,
  LedgerRow,
  SinkFilePart,
  SinkWholeFiles,
  Source,
} from '@qianzhi/plugin-api';
import { failsWith } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import {
  digestOf,
  filePartsOf,
  papers,
  readParts,
  removalOf,
  wholeFilesOf,
  wholesOf,
} from '../file-parts.js';
import type { TestFolder } from '../harness.js';
import { enterprise } from '../resources.js';
import { exchangeName, type Session } from '../session.js';
import { delivery, nothingRejected, quarantine } from '../writing.js';

const anyBytes = Buffer.from(Array.from({ length: 333 }, (_, n) => (n * 7) % 256));
const files: Readonly<Record<string, Uint8Array>> = {
  '现场 照片.jpg': anyBytes,
  'empty.txt': Buffer.alloc(0),
  'copy.jpg': anyBytes,
  'one part.bin': Buffer.from([0, 9, 10, 13, 92, 255]),
};

async function openFolder({ site }: Session): Promise<TestFolder> {
  assert.ok(site.createFolder, 'a harness of a connector that carries files makes folders');
  return site.createFolder();
}

async function sourceOf(session: Session, folder: TestFolder): Promise<Source> {
  const connection = await session.connect();
  return connection.source({ resource: papers, strategy: 'files', source: folder.source }, session.signal);
}

async function sinkOf(session: Session, folder: TestFolder): Promise<FileSink> {
  const connection = await session.connect();
  assert.ok(connection.fileSink, 'a connector that carries files has a target for them');
  return connection.fileSink(
    { exchange: exchangeName, resource: papers, target: folder.target },
    session.signal,
  );
}

async function writeAll(
  sink: FileSink,
  parts: readonly SinkFilePart[],
  session: Session,
  onRejected = nothingRejected,
): Promise<LedgerRow> {
  let row: LedgerRow | undefined;
  for (const part of parts) {
    row = await sink.write(part, onRejected, session.signal);
    assert.equal(row.stage, part.rows === 1 ? 'applied' : 'staged', 'a file is applied by its last part');
    assert.equal(row.bytes, part.rows === 1 ? part.file.size : 0, 'bytes count with the file');
  }
  return row!;
}

const shows = async (folder: TestFolder, expected: Readonly<Record<string, Uint8Array>>) => {
  const plain = (from: Readonly<Record<string, Uint8Array>>) =>
    Object.fromEntries(
      Object.entries(from)
        .map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])
        .sort(),
    );
  assert.deepEqual(plain(await folder.received()), plain(expected), 'files at the target');
};

export const filesGroup: ContractSuite = {
  group: 'files',
  applies: ({ connector }) => connector.capabilities.files,
  tests: {
    'reads every file once, whole and in order': async (session) => {
      const folder = await openFolder(session);
      for (const [name, bytes] of Object.entries(files)) await folder.put(name, bytes);
      const source = await sourceOf(session, folder);
      const blocks = await readParts(source, undefined, session.signal);
      assert.deepEqual(Object.fromEntries(wholesOf(blocks)), asBuffers(files));
      assert.deepEqual(await readParts(source, blocks.at(-1)?.checkpoint, session.signal), []);
    },
    'goes on from every checkpoint, in the middle of a file too': async (session) => {
      const folder = await openFolder(session);
      for (const [name, bytes] of Object.entries(files)) await folder.put(name, bytes);
      const blocks = await readParts(await sourceOf(session, folder), undefined, session.signal);
      for (const [at, { checkpoint }] of blocks.entries()) {
        const rest = await readParts(await sourceOf(session, folder), checkpoint, session.signal);
        assert.equal(rest.length, blocks.length - at - 1, 'nothing before the checkpoint is read again');
        const both = wholesOf([...blocks.slice(0, at + 1), ...rest]);
        assert.deepEqual(Object.fromEntries(both), asBuffers(files));
      }
    },
    'what got no receipt is read again, what has one is not': async (session) => {
      const folder = await openFolder(session);
      await folder.put('a.pdf', anyBytes);
      const [first, ...others] = await readParts(await sourceOf(session, folder), undefined, session.signal);
      const source = await sourceOf(session, folder);
      await source.confirm(first!.checkpoint, session.signal);
      const again = await readParts(source, undefined, session.signal);
      assert.equal(again.length, others.length + 1, 'an unfinished file stays until it is receipted whole');
      for (let times = 0; times < 2; times++) await source.confirm(again.at(-1)!.checkpoint, session.signal);
      await folder.put('b.pdf', anyBytes);
      const after = await readParts(source, again.at(-1)!.checkpoint, session.signal);
      assert.deepEqual([...wholesOf(after).keys()], ['b.pdf']);
    },
    'a name that is not carried is passed over and told': async (session) => {
      const folder = await openFolder(session);
      for (const name of ['CON.pdf', 'good.pdf']) await folder.put(name, anyBytes);
      const source = await sourceOf(session, folder);
      const found = wholesOf(await readParts(source, undefined, session.signal));
      assert.deepEqual([...found.keys()], ['good.pdf']);
      assert.ok(source.notices().length > 0, 'it is told');
    },
    'a file shows when it is whole, and is counted once': async (session) => {
      const folder = await openFolder(session);
      let seq = 1;
      for (const [name, bytes] of Object.entries(files)) {
        const sink = await sinkOf(session, folder);
        const parts = filePartsOf(name, bytes, seq);
        const before = await folder.received();
        await writeAll(sink, parts.slice(0, -1), session);
        await shows(folder, before);
        const row = await writeAll(await sinkOf(session, folder), parts.slice(-1), session);
        assert.deepEqual([row.counts.delivered, row.counts.inserted], [1, 1]);
        await shows(folder, { ...before, [name]: bytes });
        seq += parts.length;
      }
      await shows(folder, files);
    },
    'a repeat changes nothing, other content is refused': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      const parts = filePartsOf('a.pdf', anyBytes, 1);
      const row = await writeAll(sink, parts, session);
      assert.deepEqual(await sink.write(parts.at(-1)!, nothingRejected, session.signal), row);
      const other = { ...parts[0]!, rowsDigest: filePartsOf('b.pdf', anyBytes, 1)[0]!.rowsDigest };
      await failsWith(['integrity'], 'other content', () =>
        sink.write(other, nothingRejected, session.signal),
      );
      await shows(folder, { 'a.pdf': anyBytes });
    },
    'a file replaces the one of its name; equal content changes nothing': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      const short = Buffer.from('short');
      await writeAll(sink, filePartsOf('a.pdf', anyBytes, 1), session);
      const updated = await writeAll(sink, filePartsOf('a.pdf', short, 5), session);
      assert.equal(updated.counts.updated, 1);
      const unchanged = await writeAll(sink, filePartsOf('a.pdf', short, 6), session);
      assert.equal(unchanged.counts.unchanged, 1);
      await shows(folder, { 'a.pdf': short });
    },
    'a whole that its digest is not of never shows, and comes anew': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      const parts = filePartsOf('a.pdf', anyBytes, 1);
      const damaged = { ...parts[1]!, bytes: Buffer.alloc(parts[1]!.bytes.length) };
      await writeAll(sink, [parts[0]!, damaged, parts[2]!], session);
      await failsWith(['integrity'], 'a damaged file', () =>
        sink.write(parts[3]!, nothingRejected, session.signal),
      );
      await shows(folder, {});
      assert.equal(await sink.ledgerHead(delivery, session.signal), undefined, 'its parts are due again');
      await writeAll(sink, parts, session);
      await shows(folder, { 'a.pdf': anyBytes });
    },
    'a part that does not follow is refused; parts of another file void those before': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      const [first, , third] = filePartsOf('a.pdf', anyBytes, 1);
      await writeAll(sink, [first!], session);
      await failsWith(['integrity'], 'a part left out', () =>
        sink.write({ ...third!, seq: 2 }, nothingRejected, session.signal),
      );
      await writeAll(sink, filePartsOf('b.pdf', anyBytes, 2), session);
      await shows(folder, { 'b.pdf': anyBytes });
    },
    'parts that wait are erased, and come anew': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      const parts = filePartsOf('a.pdf', anyBytes, 1);
      await writeAll(sink, parts.slice(0, 2), session);
      await sink.discardStaged(delivery, session.signal);
      assert.equal(await sink.ledgerHead(delivery, session.signal), undefined);
      await writeAll(sink, parts, session);
      await shows(folder, { 'a.pdf': anyBytes });
    },
    'a file that its provider took away goes, and comes again; one that is not there is no fault': async (
      session,
    ) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      await writeAll(
        sink,
        [...filePartsOf('a.pdf', anyBytes, 1), ...filePartsOf('b.pdf', anyBytes, 5)],
        session,
      );
      const gone = await writeAll(sink, [removalOf('a.pdf', 9)], session);
      assert.deepEqual([gone.counts.delivered, gone.counts.deleted], [1, 1]);
      assert.deepEqual(await sink.write(removalOf('a.pdf', 9), nothingRejected, session.signal), gone);
      await shows(folder, { 'b.pdf': anyBytes });
      const again = await writeAll(sink, [removalOf('a.pdf', 10)], session);
      assert.deepEqual([again.counts.delivered, again.counts.unchanged], [1, 1]);
      await writeAll(sink, filePartsOf('a.pdf', anyBytes, 11), session);
      await shows(folder, { 'a.pdf': anyBytes, 'b.pdf': anyBytes });
    },
    'several whole files come in one block only where they may, each once': async (session) => {
      const folder = await openFolder(session);
      for (const [name, bytes] of Object.entries(files)) await folder.put(name, bytes);
      const source = await sourceOf(session, folder);
      const limits = { blockBytes: 100, wholeFiles: { files: 3, bytes: 400 } };
      const found = new Map<string, Buffer>();
      const parts: FilePartBlock[] = [];
      for await (const block of source.read(undefined, limits, session.signal)) {
        assert.notEqual(block.kind, 'rows', 'files are read as files');
        if (block.kind === 'file-part') parts.push({ ...block, bytes: Buffer.from(block.bytes) });
        if (block.kind !== 'whole-files') continue;
        assert.ok(block.files.length <= 3 && block.bytes.length <= 400, 'no more than may come together');
        assert.equal(wholeFilesProblem(block.files, block.files.length, papers), undefined);
        for (const { file, content } of withContent(block.files, block.bytes)) {
          assert.equal(digestOf(content), file.digest, `${file.name}: the digest is of its content`);
          assert.ok(!found.has(file.name), `${file.name} comes once`);
          found.set(file.name, Buffer.from(content));
        }
      }
      for (const [name, bytes] of wholesOf(parts)) {
        assert.ok(!found.has(name), `${name} comes once`);
        found.set(name, bytes);
      }
      assert.deepEqual(Object.fromEntries(found), asBuffers(files));
    },
    'several whole files are taken at once: all show, each is counted, a repeat changes nothing': async (
      session,
    ) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      if (!sink.writeWhole) return;
      const write = (batch: SinkWholeFiles, onRejected = nothingRejected) =>
        sink.writeWhole!(batch, onRejected, session.signal);
      const row = await write(wholeFilesOf(files, 1));
      const bytes = Object.values(files).reduce((sum, each) => sum + each.length, 0);
      assert.deepEqual([row.stage, row.bytes], ['applied', bytes]);
      assert.deepEqual([row.counts.delivered, row.counts.inserted], [4, 4]);
      await shows(folder, files);
      assert.deepEqual(await write(wholeFilesOf(files, 1)), row, 'a repeat');
      await failsWith(['integrity'], 'other content', () => write(wholeFilesOf({ 'x.pdf': anyBytes }, 1)));
      await shows(folder, files);
      const refused = quarantine();
      const mixed = { 'copy.jpg': anyBytes, 'EMPTY.TXT': anyBytes, 'empty.txt2': anyBytes };
      const { counts } = await write(wholeFilesOf(mixed, 2), refused.onRejected);
      assert.deepEqual([counts.delivered, counts.inserted, counts.unchanged, counts.rejected], [3, 1, 1, 1]);
      assert.deepEqual(
        refused.rows.map(({ row }) => row),
        [1],
        'a refused file is told by its place',
      );
      await shows(folder, { ...files, 'empty.txt2': anyBytes });
      const left = await write(wholeFilesOf({ 'Empty.txt2': anyBytes }, 3, ['empty.txt2', 'none.txt']));
      assert.deepEqual([left.counts.delivered, left.counts.deleted, left.counts.inserted], [3, 1, 1]);
      await shows(folder, { ...files, 'Empty.txt2': anyBytes });
      const head = await (await sinkOf(session, folder)).ledgerHead(delivery, session.signal);
      assert.equal(head?.seq, 3);
    },
    'a name that differs from another only in letter case is a rejected file': async (session) => {
      const folder = await openFolder(session);
      const sink = await sinkOf(session, folder);
      await writeAll(sink, filePartsOf('a.pdf', anyBytes, 1), session);
      const refused = quarantine();
      const parts = filePartsOf('A.PDF', Buffer.from('x'), 5);
      const row = await writeAll(sink, parts, session, refused.onRejected);
      assert.deepEqual([row.counts.delivered, row.counts.rejected], [1, 1]);
      assert.equal(refused.rows.length, 1);
      await shows(folder, { 'a.pdf': anyBytes });
    },
  },
  async refused(session) {
    const table = await session.site.createTable(enterprise);
    const connection = await session.connect();
    assert.equal(connection.fileSink, undefined, 'a connector without files has no target for them');
    await failsWith(['config'], 'strategy files', () =>
      connection.source(
        { resource: enterprise, strategy: 'files', source: table.source('snapshot') },
        session.signal,
      ),
    );
  },
};

function asBuffers(from: Readonly<Record<string, Uint8Array>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(from).map(([name, bytes]) => [name, Buffer.from(bytes)]));
}
