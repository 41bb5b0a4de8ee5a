import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  isQianzhiError,
  type KeyRecord,
  type PackageStatus,
  systemReason,
  type TakenPackage,
  toProblem,
} from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import { type Book, emptyBook, readBook, writeBook } from './book.js';
import { copyDurably, moveDurably } from './durable.js';
import { carrierErrors } from './errors.js';
import { numberIn, packageName } from './names.js';
import { type OpenPackage, openPackage } from './open-package.js';
import { createTurn } from './turn.js';
import { type PackageWriter, writePackage } from './write-package.js';

export interface BoxOptions {
  /** Own state: the book, and packages kept until the other side has them. On a local disk. */
  readonly folder: string;
  /** Where packages for the other side are laid, and where those of it arrive: what a 网闸 or a person carries. */
  readonly out: string;
  readonly in: string;
  /** `platform` or an agent id. */
  readonly self: string;
  readonly peer: string;
  readonly key: SigningKey;
  readonly keys: () => Promise<readonly KeyRecord[]>;
  /** The signer's key has to be valid now, not only when the package was made: for the side that ends keys. */
  readonly judgeKeysNow?: boolean;
  readonly validMs: number;
  readonly now: () => Date;
}

/** One direction each way between this side and another: numbering, what is kept, what is outstanding. */
export interface Box {
  /** A package to be filled; then `send` or its `abandon`. */
  begin(): Promise<PackageWriter>;
  /** Numbers and signs it, keeps it, and lays a copy out. Durable when it resolves. */
  send(writer: PackageWriter): Promise<TakenPackage>;
  /**
   * Takes what arrived, in the order of numbers, as far as there is no gap. Each is proven whole before `take` sees it, and counts
   * when `take` has resolved; where it throws, the package stays and comes again. One that is damaged, forged, expired or for
   * somebody else is put aside into `refused`, with nothing of it taken.
   */
  receive(take: (arrived: OpenPackage, file: string) => Promise<void>): Promise<readonly TakenPackage[]>;
  /** The same for one file, wherever it lies; throws why it is not taken. */
  receiveFile(
    file: string,
    take: (arrived: OpenPackage, file: string) => Promise<void>,
  ): Promise<TakenPackage>;
  /** Lays a kept package out once more. Throws QZ_PACKAGE_NOT_KEPT. */
  again(number: number): Promise<string>;
  /** Forgets all numbers and what is kept, because the other side lost its own: both begin at 1 again. */
  restart(): Promise<void>;
  /** Files of kept packages, oldest first. */
  kept(): Promise<readonly string[]>;
  status(): Promise<PackageStatus>;
}

const MOST_REFUSED = 20;

export async function openBox(options: BoxOptions): Promise<Box> {
  const { folder, self, peer, now } = options;
  const sent = join(folder, 'sent');
  for (const each of [folder, sent, options.out, options.in, join(options.in, 'refused')]) {
    await makeFolder(each);
  }
  const bookFile = join(folder, 'book.json');
  let book: Book = await readBook(bookFile);
  /** Numbers are given once. */
  const { take: inTurn } = createTurn();

  async function note(change: Partial<Book>): Promise<void> {
    const next = { ...book, ...change };
    await writeBook(bookFile, next);
    book = next;
  }

  async function keptNumbers(): Promise<number[]> {
    const names = await readdir(sent);
    const numbers = names.flatMap((name) => numberIn(name, { from: self, to: peer }) ?? []);
    return numbers.sort((a, b) => a - b);
  }

  const nameOf = (number: number) => packageName({ from: self, to: peer, number });
  const layOut = (number: number) =>
    copyDurably(join(sent, nameOf(number)), join(options.out, nameOf(number)));

  /** A crash came between keeping and laying out: what is kept has its number, so it goes on with that one. */
  async function finishSending(): Promise<void> {
    for (const number of await keptNumbers()) {
      if (number <= book.sent) continue;
      await layOut(number);
      await using made = await openPackage(join(sent, nameOf(number)), await options.keys());
      await note({ sent: number, sentDigest: made.digest });
    }
  }

  async function waitingNumbers(): Promise<number[]> {
    const names = await readdir(options.in);
    const numbers = names.flatMap((name) => numberIn(name, { from: peer, to: self }) ?? []);
    return numbers.sort((a, b) => a - b);
  }

  async function missingNow(): Promise<number[]> {
    const waiting = new Set(await waitingNumbers());
    const last = Math.max(0, ...waiting);
    const missing: number[] = [];
    for (let number = book.taken + 1; number < last && missing.length < 1000; number++) {
      if (!waiting.has(number)) missing.push(number);
    }
    return missing;
  }

  /** Throws why a whole package is not the next one to be taken. */
  function requireNext({ head, digest }: OpenPackage, file: string): void {
    const { from, to, number, previous, notAfter } = head;
    if (to !== self || from !== peer) throw carrierErrors.NOT_FOR_US({ file, from, to, self });
    if (number <= book.taken) {
      if (number === book.taken && digest !== book.takenDigest) {
        throw carrierErrors.CHAIN_BROKEN({ file, last: book.taken });
      }
      throw carrierErrors.REPEATED({ from, number, last: book.taken });
    }
    if (number > book.taken + 1) throw carrierErrors.GAP({ from, number, missing: book.taken + 1 });
    if (book.taken > 0 && previous !== book.takenDigest) {
      throw carrierErrors.CHAIN_BROKEN({ file, last: book.taken });
    }
    if (Date.parse(notAfter) < now().getTime()) throw carrierErrors.EXPIRED({ file, notAfter });
  }

  async function takeFile(
    path: string,
    take: (arrived: OpenPackage, file: string) => Promise<void>,
  ): Promise<TakenPackage> {
    const file = basename(path);
    const at = options.judgeKeysNow ? now().toISOString() : undefined;
    await using arrived = await openPackage(path, await options.keys(), at);
    requireNext(arrived, file);
    await take(arrived, path);
    const { number, entries } = arrived.head;
    await note({ taken: number, takenDigest: arrived.digest, takenAt: now().toISOString() });
    await hear(arrived);
    return { number, file, entries: entries.length, bytes: arrived.size };
  }

  /** What the other side says of ours: what it has need not be kept, what it misses is laid out again. */
  async function hear({ head: { seen, missing } }: OpenPackage): Promise<void> {
    // more than was ever sent: this side was restored, and goes on behind what the other one has
    if (seen > book.sent) await note({ sent: seen, sentDigest: null });
    if (seen > book.confirmed) await note({ confirmed: seen });
    for (const number of await keptNumbers()) {
      if (number <= seen) await rm(join(sent, nameOf(number)), { force: true });
      else if (missing.includes(number)) await layOut(number);
    }
  }

  async function refuse(number: number, error: unknown): Promise<void> {
    if (!isQianzhiError(error)) throw error;
    const file = packageName({ from: peer, to: self, number });
    if (error.code === 'QZ_PACKAGE_REPEATED') {
      await rm(join(options.in, file), { force: true });
      return;
    }
    await moveDurably(join(options.in, file), join(options.in, 'refused', file));
    const refused = { file, at: now().toISOString(), problem: toProblem(error) };
    await note({ refused: [refused, ...book.refused].slice(0, MOST_REFUSED) });
  }

  await finishSending();

  return {
    begin: () => writePackage(join(folder, 'building.part')),
    send: (writer) =>
      inTurn(async () => {
        const number = book.sent + 1;
        const at = now();
        const head = await writer.seal(
          {
            from: self,
            to: peer,
            number,
            previous: book.sentDigest,
            seen: book.taken,
            missing: await missingNow(),
            createdAt: at.toISOString(),
            notAfter: new Date(at.getTime() + options.validMs).toISOString(),
          },
          options.key,
        );
        const name = nameOf(number);
        await moveDurably(join(folder, 'building.part'), join(sent, name));
        await finishSending();
        const { size: bytes } = await stat(join(sent, name));
        return { number, file: name, entries: head.body.entries.length, bytes };
      }),
    receive: (take) =>
      inTurn(async () => {
        const taken: TakenPackage[] = [];
        for (const number of await waitingNumbers()) {
          const path = join(options.in, packageName({ from: peer, to: self, number }));
          try {
            taken.push(await takeFile(path, take));
            await rm(path, { force: true });
          } catch (error) {
            if (isQianzhiError(error) && waits.has(error.code)) break;
            if (!isQianzhiError(error) || !asideFor.has(error.code)) throw error;
            await refuse(number, error);
          }
        }
        return taken;
      }),
    receiveFile: (file, take) => inTurn(() => takeFile(file, take)),
    again: (number) =>
      inTurn(async () => {
        if (!(await keptNumbers()).includes(number)) throw carrierErrors.NOT_KEPT({ number });
        await layOut(number);
        return join(options.out, nameOf(number));
      }),
    restart: () =>
      inTurn(async () => {
        for (const number of await keptNumbers()) await rm(join(sent, nameOf(number)), { force: true });
        const { refused } = book;
        book = emptyBook;
        await note({ refused });
      }),
    kept: async () => (await keptNumbers()).map((number) => join(sent, nameOf(number))),
    async status() {
      const outstanding = (await keptNumbers()).map(async (number) => {
        const { size: bytes, mtime } = await stat(join(sent, nameOf(number)));
        return { number, file: nameOf(number), bytes, sentAt: mtime.toISOString() };
      });
      const waiting = (await waitingNumbers()).map((number) => packageName({ from: peer, to: self, number }));
      return {
        self,
        peer,
        sent: book.sent,
        confirmed: book.confirmed,
        outstanding: await Promise.all(outstanding),
        taken: book.taken,
        ...(book.takenAt !== undefined && { takenAt: book.takenAt }),
        waiting,
        missing: await missingNow(),
        refused: [...book.refused],
      };
    },
  };
}

/** Something else has to come first, or the copying to end. */
const waits: ReadonlySet<string> = new Set(['QZ_PACKAGE_GAP', 'QZ_PACKAGE_INCOMPLETE']);
const asideFor: ReadonlySet<string> = new Set([
  'QZ_PACKAGE_NOT_ONE',
  'QZ_PACKAGE_ALTERED',
  'QZ_PACKAGE_FORGED',
  'QZ_PACKAGE_NOT_FOR_US',
  'QZ_PACKAGE_EXPIRED',
  'QZ_PACKAGE_REPEATED',
  'QZ_PACKAGE_CHAIN_BROKEN',
]);

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw carrierErrors.FOLDER({ folder, reason: systemReason(error) }, error);
  }
}
