import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Recording, startRecording } from './recording.js';
import { shadowMissing } from './shadow.js';
import type { Loss } from './timeline.js';

/** The layer itself: what it says a loss of power takes must be what POSIX allows to be taken. */
const sqlite = createRequire(new URL('../../../packages/engine/package.json', import.meta.url)).resolve(
  'better-sqlite3',
);
let folder: string;
let root: string;
let recording: Recording;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qianzhi-shadow-')));
  root = join(folder, 'root');
  mkdirSync(root);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a program in the root, with `fs`, a folder's fsync and a write with fsync at hand. */
function run(program: string): void {
  const text = `const fs = require('node:fs'); process.chdir(${JSON.stringify(root)});
    const sync = (path) => { const fd = fs.openSync(path, 'r'); fs.fsyncSync(fd); fs.closeSync(fd); };
    const save = (path, text, flags = 'w') => { const fd = fs.openSync(path, flags); fs.writeSync(fd, text); fs.fsyncSync(fd); fs.closeSync(fd); };
    ${program}`;
  execFileSync(process.execPath, ['-e', text], {
    env: { ...process.env, ...recording.env },
    stdio: 'inherit',
  });
}

/** Files and their text, folders as null, after a cut at the end. */
function after(loss?: Loss, of = recording.end().timeline()): Record<string, string | null> {
  const into = mkdtempSync(join(folder, 'cut-'));
  of.cut(join(into, 'root'), loss);
  return treeOf(join(into, 'root'));
}

function treeOf(top: string): Record<string, string | null> {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(top.length + 1), entry.isDirectory() ? null : readFileSync(path, 'utf8')];
    }),
  );
}

describe.skipIf(shadowMissing())('a loss of power', () => {
  beforeEach(() => {
    writeFileSync(join(root, 'old'), 'was here');
    recording = startRecording(root);
  });

  it('takes bytes without fsync of the file, and names without fsync of the folder', () => {
    run(`save('whole', 'a'); fs.writeFileSync('empty', 'b'); sync('.'); save('nameless', 'c');`);
    expect(after()).toEqual({ old: 'was here', whole: 'a', empty: '' });
  });

  it('takes what was written since the last fsync, inside and at the end, and gives back what was cut off', () => {
    run(`save('f', '0123456789'); sync('.'); const fd = fs.openSync('f', 'r+'); fs.writeSync(fd, 'xx', 3);
      fs.writeSync(fd, 'beyond', 12); fs.ftruncateSync(fd, 5); fs.writeFileSync('old', 'new'); fs.appendFileSync('old', '!');`);
    expect(after()).toEqual({ old: 'was here', f: '0123456789' });
    expect(treeOf(root)).toEqual({ old: 'new!', f: '012xx' });
  });

  it('takes back a rename, also over another file, and a removal', () => {
    run(
      `save('new', 'new'); sync('.'); fs.renameSync('new', 'old'); save('other', 'o'); fs.renameSync('other', 'third');`,
    );
    expect(after()).toEqual({ old: 'was here', new: 'new' });
    run(`sync('.'); fs.unlinkSync('old'); fs.rmSync('third');`);
    expect(after()).toEqual({ old: 'new', third: 'o' });
    run(`sync('.')`);
    expect(after()).toEqual({});
  });

  it('takes a folder whose name is not safe with all that is in it, and brings a removed one back', () => {
    run(`fs.mkdirSync('a/b', { recursive: true }); save('a/b/f', 'x'); sync('a/b'); sync('a');
      fs.mkdirSync('c'); save('c/f', 'y'); sync('c'); sync('.'); fs.rmSync('c', { recursive: true });`);
    expect(after()).toEqual({ old: 'was here', a: null, 'a/b': null, 'a/b/f': 'x', c: null, 'c/f': 'y' });
    run(`fs.mkdirSync('d/e', { recursive: true }); save('d/e/f', 'z'); sync('d/e'); sync('d'); const made = fs.mkdtempSync('t-');
      fs.renameSync('a/b', 'a/moved')`);
    expect(after()).toEqual({ old: 'was here', a: null, 'a/b': null, 'a/b/f': 'x', c: null, 'c/f': 'y' });
  });

  it('takes more where the product forgets an fsync, and less where the disk kept some of it', () => {
    run(
      `save('f', 'one'); sync('.'); const fd = fs.openSync('f', 'a'); fs.writeSync(fd, ' two'); fs.writeSync(fd, ' three');`,
    );
    expect(after({ forgets: (path) => path === 'f' })).toEqual({ old: 'was here', f: '' });
    expect(after({ forgets: (path) => path === '' })).toEqual({ old: 'was here' });
    expect(after({ survivors: (acts) => acts - 1 })).toMatchObject({ f: 'one two' });
  });

  it('at any earlier moment takes what was not safe then', () => {
    run(`save('f', 'one'); sync('.'); save('f', 'two'); fs.unlinkSync('f');`);
    const { acts, timeline } = recording.end();
    const whole = timeline();
    const seen = acts.toReversed().map((act) => {
      whole.rewind(act.at);
      return after(undefined, whole).f;
    });
    expect(seen.reverse()).toEqual([undefined, undefined, undefined, 'one', 'one', 'one', 'two', 'two']);
    whole.rewind(0n);
    const into = join(folder, 'begin');
    whole.copy(into);
    expect(treeOf(into)).toEqual({ old: 'was here' });
  });

  it('leaves of a SQLite database what was committed with synchronous=FULL', () => {
    run(`const db = new (require(${JSON.stringify(sqlite)}))('db'); db.pragma('journal_mode = WAL');
      db.exec('CREATE TABLE t (n)'); db.pragma('synchronous = FULL'); db.exec('INSERT INTO t VALUES (1)');
      db.pragma('synchronous = OFF'); db.exec('INSERT INTO t VALUES (2)'); process.reallyExit(0)`);
    const rows = (loss?: Loss) => {
      const into = mkdtempSync(join(folder, 'cut-'));
      recording.end().timeline().cut(join(into, 'root'), loss);
      const db = new Database(join(into, 'root', 'db'));
      try {
        return db.prepare('SELECT n FROM t').pluck().all();
      } finally {
        db.close();
      }
    };
    expect(rows()).toEqual([1]);
    expect(() => rows({ forgets: (path) => path === 'db-wal' })).toThrow('no such table');
  });
});

it.skipIf(shadowMissing())('says which file the layer did not see being made', () => {
  recording = startRecording(root);
  writeFileSync(join(root, 'by nobody'), '');
  expect(() => recording.end().timeline()).toThrow('by nobody');
});
