/**
 * The loops over every byte of every batch, in AssemblyScript with 16 bytes at a step: compiled to dist/kernel.wasm by
 * build.js, called by src/kernel/kernel.ts. Each works on whole rows at [from, to) of its memory and may read, but heeds
 * nothing of, 16 bytes behind them.
 */
const TAB: u8 = 9;
const LF: u8 = 10;
const CR: u8 = 13;
const DOT: u8 = 46;
const ZERO: u8 = 48;
const COLON: u8 = 58;
const BACKSLASH: u8 = 92;
const D: u8 = 68;
const N: u8 = 78;
const S: u8 = 83;
const U: u8 = 85;
const n: u8 = 110;
const r: u8 = 114;
const t: u8 = 116;
const STEP: u32 = 16;

export let snapshots: u32 = 0;
export let upserts: u32 = 0;
export let deletes: u32 = 0;

/** Op, fields, escapes and CR of rows; counts are added to. Answers 0, or the place of what is wrong. */
export function scan(from: u32, to: u32, fields: u32): u32 {
  const tab = i8x16.splat(TAB);
  const lf = i8x16.splat(LF);
  const cr = i8x16.splat(CR);
  const backslash = i8x16.splat(BACKSLASH);
  let tabs: u32 = 0;
  /** Second half of an escape, which begins none itself. */
  let escaped: u32 = 0;
  const wrong = rowBegins(from);
  if (wrong) return wrong;
  for (let step = from; step < to; step += STEP) {
    const bytes = v128.load(step);
    const isTab = i8x16.eq(bytes, tab);
    const isOther = v128.or(v128.or(i8x16.eq(bytes, lf), i8x16.eq(bytes, backslash)), i8x16.eq(bytes, cr));
    if (!v128.any_true(isOther)) {
      tabs += popcnt(i8x16.bitmask(isTab));
      continue;
    }
    for (let mask: u32 = i8x16.bitmask(v128.or(isTab, isOther)); mask; mask &= mask - 1) {
      const at = step + ctz(mask);
      if (at >= to) break;
      const byte = load<u8>(at);
      if (byte === TAB) {
        tabs++;
      } else if (byte === LF) {
        if (tabs !== fields) return at;
        tabs = 0;
        const wrong = at + 1 < to ? rowBegins(at + 1) : 0;
        if (wrong) return wrong;
      } else if (byte === CR) {
        return at;
      } else if (at !== escaped) {
        if (!escapeFits(at + 1)) return at;
        escaped = at + 1;
      }
    }
  }
  return 0;
}

function rowBegins(at: u32): u32 {
  const op = load<u8>(at);
  if (op === S) snapshots++;
  else if (op === U) upserts++;
  else if (op === D) deletes++;
  else return at;
  return load<u8>(at + 1) === TAB ? 0 : at + 1;
}

/** `at` is just after a backslash: `\\ \t \n \r` anywhere, `\N` only as the whole field. */
function escapeFits(at: u32): bool {
  const byte = load<u8>(at);
  if (byte === BACKSLASH || byte === t || byte === n || byte === r) return true;
  const next = load<u8>(at + 1);
  return byte === N && load<u8>(at - 2) === TAB && (next === TAB || next === LF);
}

/** Takes the op field off each row, in place. Answers where the rows end now. */
export function withoutOps(from: u32, to: u32): u32 {
  const lf = i8x16.splat(LF);
  let out = from;
  let row = from + 2;
  for (let step = from; step < to; step += STEP) {
    for (let mask: u32 = i8x16.bitmask(i8x16.eq(v128.load(step), lf)); mask; mask &= mask - 1) {
      const end = step + ctz(mask) + 1;
      if (end > to) break;
      memory.copy(out, row, end - row);
      out += end - row;
      row = end + 2;
    }
  }
  return out;
}

/** Whether `:dd.` is followed by more than six digits anywhere. */
export function hasNanoseconds(from: u32, to: u32): bool {
  const dot = i8x16.splat(DOT);
  for (let step = from; step < to; step += STEP) {
    for (let mask: u32 = i8x16.bitmask(i8x16.eq(v128.load(step), dot)); mask; mask &= mask - 1) {
      const at = step + ctz(mask);
      if (at + 7 >= to) break;
      if (load<u8>(at - 3) === COLON && sevenDigits(at + 1)) return true;
    }
  }
  return false;
}

function sevenDigits(at: u32): bool {
  for (let i: u32 = 0; i < 7; i++) {
    if (load<u8>(at + i) - ZERO > 9) return false;
  }
  return true;
}
