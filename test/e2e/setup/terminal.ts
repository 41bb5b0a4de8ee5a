import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { eventually } from '../program.js';

const binary = new URL('../../../packages/cli/bin/qianzhi.js', import.meta.url).pathname;

export interface TerminalAnswer {
  /** Text of the question that is waited for; it is looked for behind the answer before. */
  readonly at: string;
  readonly type: string;
}

export const ENTER = '\r';
export const DOWN = '\u001b[B';

/** Runs `qianzhi …` in a terminal of its own and answers its questions, as a person at the keyboard does. */
export async function inTerminal(
  args: readonly string[],
  answers: readonly TerminalAnswer[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const command = [binary, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: cwd, QZ_HOME: `${cwd}/home`, QZ_LANG: 'en', TERM: 'xterm', COLUMNS: '200' };
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], { cwd, env, stdio: 'pipe' });
  let shown = '';
  child.stdout!.setEncoding('utf8').on('data', (text) => (shown += text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let from = 0;
  for (const { at, type } of answers) {
    const reached = await eventually(`"${at}" on the terminal`, 20_000, () => {
      const found = stripVTControlCharacters(shown.slice(from)).includes(at);
      if (!found && child.exitCode !== null) throw new Error(`it ended without "${at}":\n${shown}`);
      return found ? shown.length : undefined;
    });
    from = reached;
    child.stdin!.write(type);
  }
  const code = await ended;
  return { code, shown: stripVTControlCharacters(shown) };
}
