/** One line about work under way, on stderr: rewritten in place on a terminal, else a plain line now and then. */
export interface ProgressLine {
  show(text: string): void;
  /** Leaves the terminal on a fresh line. */
  end(): void;
}

const PLAIN_EVERY_MS = 5_000;

export function createProgressLine(
  out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  now: () => number = Date.now,
): ProgressLine {
  let last = '';
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (text === last) return;
      if (out.isTTY) {
        out.write(`\r\u001b[2K${text}`);
      } else {
        if (now() - lastAt < PLAIN_EVERY_MS) return;
        out.write(`${text}\n`);
        lastAt = now();
      }
      last = text;
    },
    end() {
      if (out.isTTY && last !== '') out.write('\n');
      last = '';
    },
  };
}
