export interface RowCutter {
  /** Takes the bytes from `start` to `end` out; calls come in order. */
  cut(start: number, end: number): void;
  /** What is left: the block itself when nothing was cut. */
  rest(): Uint8Array;
}

export function rowCutter(block: Uint8Array): RowCutter {
  let out: Buffer | undefined;
  let length = 0;
  let kept = 0;
  function keep(end: number): void {
    if (kept === end) return;
    out!.set(block.subarray(kept, end), length);
    length += end - kept;
  }
  return {
    cut(start, end) {
      out ??= Buffer.allocUnsafeSlow(block.length);
      keep(start);
      kept = end;
    },
    rest() {
      if (!out) return block;
      keep(block.length);
      return out.subarray(0, length);
    },
  };
}
