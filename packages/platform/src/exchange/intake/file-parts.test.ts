import { createHash } from 'node:crypto';
import { type FilePart, fileListText, filePartText } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { rowsDigest } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { village } from '../test-exchange.js';
import { createSealer, type Sealed, type Sealer } from '../test-sealer.js';
import { createIntakeRig, type IntakeRig } from './test-intake.js';

const content = Buffer.from('%PDF-1.7 not row text\t\n\0\xff', 'latin1');
const first: FilePart = {
  name: '执照.pdf',
  size: 2 * content.length,
  digest: `sha-256:${'A'.repeat(43)}`,
  mediaType: 'application/pdf',
  modifiedAt: '2026-01-01T00:00:00.000Z',
  offset: 0,
};
const second: FilePart = { ...first, offset: content.length };

let intake: IntakeRig;
let sealer: Sealer;
beforeEach(async () => {
  intake = await createIntakeRig();
  const { rig } = intake;
  rig.publish({
    ...village(),
    code: 'papers',
    content: 'files',
    items: [{ name: '文件', column: 'file', type: 'G', length: 1000 }],
  });
  const duty = rig.giveDuty('papers', 'mz-1');
  const stream = { resource: 'papers', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
});
afterEach(() => intake.rig.close());

/** What a batch with this part says of itself; the digest is that of `as` and these bytes. */
function partOf(file: FilePart, { raw = content, as = file }: { raw?: Uint8Array; as?: FilePart } = {}) {
  const rows = file.offset + raw.length === file.size ? 1 : 0;
  const digest = rowsDigest({ kind: 'files', schemaVersion: 1, part: filePartText(as) }, raw);
  return {
    rows: [],
    raw,
    change: { kind: 'files' as const, file, rows, read: rows, rowsDigest: digest },
  };
}

const refused = async (batch: Sealed, code: string) => {
  await expect(intake.send(batch)).rejects.toMatchObject({ code: `QZ_PLATFORM_${code}` });
};

it('parts of a file are stored; receipts count the file and its bytes where it ends', async () => {
  const held = await intake.send(await sealer.next(partOf(first)));
  expect(held.body).toMatchObject({ stage: 'stored', rows: 0, bytes: 0 });
  const last = await intake.send(await sealer.next(partOf(second)));
  expect(last.body).toMatchObject({ stage: 'stored', rows: 1, bytes: first.size });
});

it('equal bytes of another file are another batch', async () => {
  await intake.send(await sealer.peek(partOf(first)));
  await refused(await sealer.peek(partOf({ ...first, name: '另一.pdf' })), 'BATCH_CONFLICT');
});

describe('refused', () => {
  const named = (name: string) => partOf({ ...first, name });
  it.each([
    ['a path upwards', '../x.pdf'],
    ['an absolute path', '/etc/passwd'],
    ['a path of Windows', 'C:\\x.pdf'],
    ['NUL', 'x\0.pdf'],
    ['a hidden name', '.qianzhi'],
    ['a device', 'nul.pdf'],
    ['an overlong name', '长'.repeat(81)],
    ['a name that turns the reading direction', 'x\u202efdp.exe'],
  ])('a name that is %s', async (_what, name) => {
    await refused(await sealer.peek(named(name)), 'FILE_WRONG');
  });

  it('a part that does not follow', async () => {
    await refused(await sealer.peek(partOf(second)), 'FILE_WRONG');
    await intake.send(await sealer.next(partOf(first)));
    await refused(await sealer.peek(partOf({ ...second, name: '另一.pdf' })), 'FILE_WRONG');
    await refused(await sealer.peek(partOf({ ...second, offset: content.length - 1 })), 'FILE_WRONG');
    const digest = `sha-256:${'B'.repeat(43)}`;
    await refused(await sealer.peek(partOf({ ...second, digest })), 'FILE_WRONG');
  });

  it('a file over the size of the catalog, a part past the end, an empty part, a wrong count', async () => {
    await refused(await sealer.peek(partOf({ ...first, size: 1001 })), 'FILE_WRONG');
    await refused(await sealer.peek(partOf({ ...first, size: content.length - 1 })), 'FILE_WRONG');
    await refused(await sealer.peek(partOf(first, { raw: new Uint8Array() })), 'FILE_WRONG');
    const { change, ...spec } = partOf(first);
    await refused(await sealer.peek({ ...spec, change: { ...change, rows: 1, read: 1 } }), 'FILE_WRONG');
    await refused(await sealer.peek({ ...spec, change: { ...change, file: undefined } }), 'FILE_WRONG');
  });

  it('bytes, or a file, that the digest is not of', async () => {
    await refused(await sealer.peek(partOf(first, { as: { ...first, name: '另一.pdf' } })), 'ROWS_DIFFER');
  });

  it('rows where files are due', async () => {
    await refused(await sealer.peek({ rows: [['U', '1']] }), 'KIND_UNSUPPORTED');
  });
});

const digestOf = (bytes: Uint8Array) => `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`;

describe('several whole files', () => {
  const contents = [content, Buffer.alloc(0), Buffer.from('三')];
  const files = contents.map((bytes, n) => ({
    ...first,
    name: `${n}.pdf`,
    size: bytes.length,
    digest: digestOf(bytes),
  }));

  /** A batch whose digests all fit what it holds, whatever that is. */
  function wholeOf(
    listed: readonly FilePart[],
    { bytes = Buffer.concat(contents), rows = listed.length } = {},
  ) {
    const list = Buffer.from(fileListText(listed));
    const raw = Buffer.concat([list, bytes]);
    const listBytes = list.length;
    const digest = rowsDigest({ kind: 'files', schemaVersion: 1, listBytes }, raw);
    const wholeFiles = { listBytes };
    return {
      rows: [],
      raw,
      change: { kind: 'files' as const, wholeFiles, rows, read: rows, rowsDigest: digest },
    };
  }

  it('are stored once, together; the receipt counts each and its bytes', async () => {
    const held = await intake.send(await sealer.next(wholeOf(files)));
    const size = files.reduce((sum, file) => sum + file.size, 0);
    expect(held.body).toMatchObject({ stage: 'stored', rows: 3, bytes: size });
    expect(await intake.storedFiles()).toHaveLength(1);
    const last = await intake.send(await sealer.next(partOf({ ...first, size: content.length })));
    expect(last.body).toMatchObject({ rows: 1, bytes: content.length });
  });

  const otherThan = (n: number, change: Partial<FilePart>) =>
    files.map((file, index) => (index === n ? { ...file, ...change } : file));
  const large = Buffer.alloc(1001);
  const largeFile = { ...first, name: 'large.pdf', size: 1001, digest: digestOf(large) };
  it.each([
    ['one has a path for a name', wholeOf(otherThan(2, { name: '../x' })), 'FILE_WRONG'],
    ['two have one name but for letter case', wholeOf(otherThan(2, { name: '0.PDF' })), 'FILE_WRONG'],
    ['one is larger than the catalog allows', wholeOf([largeFile], { bytes: large }), 'FILE_WRONG'],
    ['the count is another', wholeOf(files, { rows: 4 }), 'FILE_WRONG'],
    ['there is none', wholeOf([]), 'MANIFEST_UNREADABLE'],
  ])('are refused together where %s', async (_, spec, code) => {
    await refused(await sealer.peek(spec), code);
    expect(await intake.storedFiles()).toEqual([]);
  });

  it('are refused where one is not what the list says, whatever the digests of the batch', async () => {
    const bytes = Buffer.concat(contents);
    bytes[0]! ^= 1;
    await refused(await sealer.peek(wholeOf(files, { bytes })), 'ROWS_DIFFER');
    await refused(await sealer.peek(wholeOf(otherThan(0, { size: content.length - 1 }))), 'ROWS_DIFFER');
    await refused(await sealer.peek(wholeOf(files, { bytes: Buffer.concat([bytes, bytes]) })), 'ROWS_DIFFER');
  });
});
