import { type PackageFile, parseWhole, type XmlHandler } from './package-file.js';

/** More shared text than this would not fit into the agent's memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Texts that cells name by number, kept as bytes: strings of their own would take several times as much. */
export interface SharedStrings {
  at(index: number): string | undefined;
}

export async function readSharedStrings(
  source: PackageFile,
  part: string | undefined,
  signal: AbortSignal,
): Promise<SharedStrings> {
  let bytes = Buffer.allocUnsafe(64 * 1024);
  let ends = new Uint32Array(1024);
  let used = 0;
  let count = 0;

  function add(text: string): void {
    const length = Buffer.byteLength(text);
    if (used + length > MOST_BYTES) {
      const what = { zh: '共享文本', en: 'the table of strings' };
      throw source.faults.tooLarge(what, MOST_BYTES / 1024 / 1024);
    }
    if (used + length > bytes.length) {
      const wider = Buffer.allocUnsafe(Math.max(bytes.length * 2, used + length));
      bytes.copy(wider, 0, 0, used);
      bytes = wider;
    }
    used += bytes.write(text, used);
    if (count === ends.length) {
      const wider = new Uint32Array(count * 2);
      wider.set(ends);
      ends = wider;
    }
    ends[count++] = used;
  }

  if (part !== undefined) await parseWhole(source, part, richText('si', add), signal);
  return {
    at(index) {
      if (!(index >= 0 && index < count)) return undefined;
      return bytes.toString('utf8', index === 0 ? 0 : ends[index - 1]!, ends[index]!);
    },
  };
}

/** Gathers the text of an element from its runs; how it is to be pronounced (`rPh`) is no part of it. */
export function richText(element: string, onText: (text: string) => void): XmlHandler {
  let text = '';
  let inText = false;
  let phonetic = 0;
  return {
    open(name) {
      if (name === element) text = '';
      else if (name === 'rPh') phonetic++;
      else if (name === 't') inText = phonetic === 0;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic--;
      else if (name === element) onText(unescaped(text));
    },
  };
}

/** Control characters, which XML cannot hold, are written `_x000D_`, and such a text itself `_x005F_x000D_`. */
export function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}
