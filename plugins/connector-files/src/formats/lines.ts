import type { TextChunk } from '../text/text-input.js';
import type { Place, RecordTaker } from './table-file.js';

const LF = 10;
const CR = 13;

/** For formats of one record in each line: gives each line without its end; blank ones are left out. Yields where the taker is full. */
export async function* eachLine(
  chunks: AsyncIterable<TextChunk>,
  taker: RecordTaker,
  from: Place,
  onLine: (bytes: Buffer, line: number, valid: boolean) => void,
): AsyncGenerator<Place> {
  let { line, skip } = from;
  for await (const { text, offset, valid, overlong } of chunks) {
    for (let n = 0; n < overlong; n++) taker.bad('row-too-large', line++);
    const chunkLine = line - (from.skip > 0 && offset === from.offset ? from.skip : 0);
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf(LF, at) + 1 || text.length;
      if (skip > 0) skip--;
      else {
        const bare = text[end - 1] === LF ? end - 1 : end;
        const stop = bare > at && text[bare - 1] === CR ? bare - 1 : bare;
        if (stop > at) onLine(text.subarray(at, stop), line, valid);
        line++;
        if (taker.full) yield { offset, skip: line - chunkLine, line };
      }
      at = end;
    }
  }
}
