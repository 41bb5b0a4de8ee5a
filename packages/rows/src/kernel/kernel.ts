import { readFileSync } from 'node:fs';
import { bufferView, copyBytes } from '../views.js';
import { Instance, Memory, Module, type WasmGlobal } from './web-assembly.js';

/** What assembly/kernel.ts exports; places are addresses in its memory. */
interface Exports {
  scan(from: number, to: number, fields: number): number;
  withoutOps(from: number, to: number): number;
  hasNanoseconds(from: number, to: number): number;
  readonly snapshots: WasmGlobal;
  readonly upserts: WasmGlobal;
  readonly deletes: WasmGlobal;
}

export interface Kernel extends Exports {
  /** Whole rows taken into the kernel's memory: they lie at [`FROM`, the answer) until the next ones come. */
  take(rows: Uint8Array): number;
  /** Copies out what lies at [from, to). */
  give(from: number, to: number, into: Buffer, at: number): void;
}

/** Where rows begin: before them lies what a look back may read. */
export const FROM = 1024;
/** Fits the processor's cache, so that taking rows in costs next to nothing. */
const PIECE_BYTES = 128 * 1024;
/** What the kernel may read behind the last row. */
const BEHIND = 1024;
const PAGE = 64 * 1024;
const LF = 10;

/** The built program, also when this module itself runs from source (tests). */
const program = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/kernel.wasm' : '../kernel.wasm',
  import.meta.url,
);

let made: Kernel | undefined;

/** This thread's own; nothing waits between taking rows and having what comes of them, so one is enough. */
export function kernel(): Kernel {
  made ??= makeKernel();
  return made;
}

function makeKernel(): Kernel {
  const memory = new Memory({ initial: Math.ceil((FROM + PIECE_BYTES + BEHIND) / PAGE) });
  const { exports } = new Instance(new Module(readFileSync(program)), {
    env: { memory },
  });
  let inside = Buffer.from(memory.buffer);
  return {
    ...(exports as Exports),
    take(rows) {
      const end = FROM + rows.length;
      const missing = end + BEHIND - inside.length;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE));
        inside = Buffer.from(memory.buffer);
      }
      copyBytes(inside, FROM, rows);
      return end;
    },
    give(from, to, into, at) {
      inside.copy(into, at, from, to);
    },
  };
}

/** Whole rows in pieces for the kernel, with their places; one is larger only where a row is. */
export function* piecesOf(bytes: Uint8Array): Generator<{ readonly start: number; readonly rows: Buffer }> {
  const source = bufferView(bytes);
  for (let start = 0; start < source.length; ) {
    let end = Math.min(start + PIECE_BYTES, source.length);
    if (end < source.length) {
      end = source.lastIndexOf(LF, end - 1) + 1;
      if (end <= start) end = source.indexOf(LF, start) + 1 || source.length;
    }
    yield { start, rows: source.subarray(start, end) };
    start = end;
  }
}
