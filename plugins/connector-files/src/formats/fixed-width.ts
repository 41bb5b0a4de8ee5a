import { createTranscoder, encodingOf } from '../text/encoding.js';
import { readText } from '../text/text-input.js';
import type { OpenText } from './csv.js';
import { eachLine } from './lines.js';
import type { TableFile } from './table-file.js';

/** Opens lines of columns of fixed width, counted in bytes of the file's encoding: a Chinese character of GBK takes two. */
export async function openFixedWidth({ file, spec }: OpenText, signal: AbortSignal): Promise<TableFile> {
  const { encoding, bomBytes } = await encodingOf(file, spec.encoding, signal);
  const { decode } = createTranscoder(encoding);
  const columns = spec.fixed ?? [];
  const width = columns.reduce((sum, { bytes }) => sum + bytes, 0);
  const begin = { offset: bomBytes, skip: 0, line: 1 };
  const asIs = { toUtf8: (text: Buffer) => ({ text, valid: true }) };
  return {
    columns: columns.map(({ name }) => ({ name })),
    about: `fixed width, ${encoding}, ${width} bytes`,
    records(taker, from, signal) {
      const place = from ?? begin;
      return eachLine(readText(file, encoding, place.offset, signal, asIs), taker, place, (bytes, line) => {
        // blanks at the end of the last column are often left out
        if (bytes.length > width || bytes.length <= width - (columns.at(-1)?.bytes ?? 0)) {
          taker.bad('malformed', line);
          return;
        }
        const values: (string | null)[] = [];
        let at = 0;
        for (const { bytes: length } of columns) {
          const value = decode(bytes.subarray(at, at + length));
          if (value === undefined) {
            taker.bad('invalid-utf8', line);
            return;
          }
          const text = value.trimEnd();
          values.push(text === '' ? null : text);
          at += length;
        }
        taker.values(values, line);
      });
    },
    close: () => file.close(),
  };
}
