/**
 * CPU time of one call in milliseconds, threads of the process included: the median of `rounds` after
 * `warmUps`. CPU, not wall time: other work on the machine then changes the figure little.
 */
export async function medianCpuMs(act, { rounds = 5, warmUps = 3 } = {}) {
  const times = [];
  for (let round = -warmUps; round < rounds; round++) {
    const start = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(start);
    if (round >= 0) times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

/** Prints lines, or with `--json` one object on stdout. */
export function report(options, result, lines) {
  process.stdout.write(options.includes('--json') ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`);
}
