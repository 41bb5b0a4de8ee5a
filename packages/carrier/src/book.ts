import { readFile } from 'node:fs/promises';
import { checkShape, type Problem, systemCode } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { writeDurably } from './durable.js';

const Digest = Type.Union([Type.String(), Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

/** Where both directions are. Lost, it is told anew by the other side's next package. */
const BookSchema = Type.Object(
  {
    version: Type.Literal(1),
    sent: Count,
    sentDigest: Digest,
    confirmed: Count,
    taken: Count,
    takenDigest: Digest,
    takenAt: Type.Optional(Type.String()),
    refused: Type.Array(
      Type.Object({ file: Type.String(), at: Type.String(), problem: Type.Unsafe<Problem>({}) }),
    ),
  },
  { additionalProperties: false },
);
export type Book = Static<typeof BookSchema>;

export const emptyBook: Book = {
  version: 1,
  sent: 0,
  sentDigest: null,
  confirmed: 0,
  taken: 0,
  takenDigest: null,
  refused: [],
};

export async function readBook(path: string): Promise<Book> {
  try {
    return checkShape(BookSchema, JSON.parse(await readFile(path, 'utf8')), 'book.json');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return emptyBook;
    throw error;
  }
}

export const writeBook = (path: string, book: Book) => writeDurably(path, JSON.stringify(book));
