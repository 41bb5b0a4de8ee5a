/** Wall time of one call in milliseconds: the median of `rounds` after `warmUps`. */
export async function medianMs(act, { rounds = 5, warmUps = 3 } = {}) {
  const times = [];
  for (let round = -warmUps; round < rounds; round++) {
    const start = process.hrtime.bigint();
    await act();
    if (round >= 0) times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

/** Prints rows of a table, or with `--json` one object on stdout. */
export function report(options, result, lines) {
  process.stdout.write(options.includes('--json') ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`);
}
