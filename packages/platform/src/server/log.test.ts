import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

/** Lines are gathered, so what counts is a process of its own and how it ends. */
const built = new URL('../../dist/server/log.js', import.meta.url).href;

/** Logs five lines, then does `last`; answers the numbers of the lines that came. */
async function linesOf(last: string): Promise<number[]> {
  const program = `
    import { createLog } from ${JSON.stringify(built)};
    const log = createLog('info');
    for (let n = 1; n <= 5; n++) log.info({ n }, 'line');
    ${last}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part) => {
    text += part;
    if (text.includes('"n":5')) child.stdin.end();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const lines = text.split('\n').filter((line) => line.startsWith('{"level"'));
  return lines.map((line) => JSON.parse(line).n);
}

it.each([
  ['ends by itself', ''],
  ['is told to exit', 'process.exit(3);'],
  ['ends by an error', "throw new Error('unforeseen');"],
  ['goes on', 'process.stdin.resume();'],
])('every line is written, in order, by a process that %s', async (_, last) => {
  expect(await linesOf(last)).toEqual([1, 2, 3, 4, 5]);
});
