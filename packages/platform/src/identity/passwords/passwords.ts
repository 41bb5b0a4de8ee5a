import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { identityErrors } from '../errors.js';
import type { PasswordAnswer, PasswordRequest } from './protocol.js';

/** The built program, also when this module itself runs from source (tests). */
const program = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../../dist/identity/passwords/password-process.js'
    : './password-process.js',
  import.meta.url,
);
const IDLE_MS = 5_000;
const DEADLINE_MS = 20_000;
const MOST_WAITING = 60;
/** Of a random text that nobody kept. */
const nobody =
  '$argon2id$v=19$m=19456,p=1,t=2$s4N6DIIUmwyc/CBv7N+neg$7zXN43kWPKEdlBhf0c0lJ7mZSE+QwkjIt0MYSXn1+S4';

let running: ChildProcess | undefined;
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;
let idleTimer: NodeJS.Timeout | undefined;

/** An argon2id hash. */
export async function hashPassword(password: string): Promise<string> {
  return (await inTurn({ password })) as string;
}

/** For an account that does not exist (`undefined`) the same work is done, so that time tells nothing. */
export async function passwordFits(stored: string | undefined, password: string): Promise<boolean> {
  const fits = (await inTurn({ password, hash: stored ?? nobody })) as boolean;
  return stored !== undefined && fits;
}

/**
 * Hashing takes 19 MiB, which the C library keeps for each thread that ever did it: 76 MiB of the platform's memory. So
 * it is done in a process of its own, one at a time, that is started when it is needed and ends when it was not for a while.
 * Throws QZ_PLATFORM_PASSWORDS_BUSY where too many wait already.
 */
async function inTurn(request: PasswordRequest): Promise<string | boolean> {
  if (waiting >= MOST_WAITING) throw identityErrors.PASSWORDS_BUSY();
  waiting++;
  clearTimeout(idleTimer);
  const done = turn
    .then(() => ask(request))
    .finally(() => {
      if (--waiting === 0) idleTimer = setTimeout(end, IDLE_MS).unref();
    });
  turn = done.catch(() => undefined);
  return done;
}

async function ask(request: PasswordRequest): Promise<string | boolean> {
  running ??= start();
  const child = running;
  child.ref();
  child.channel?.ref();
  let deadline: NodeJS.Timeout | undefined;
  const result = await new Promise<PasswordAnswer>((resolve) => {
    const failed = (reason: string) => {
      end();
      resolve({ failed: reason });
    };
    deadline = setTimeout(() => failed('no answer in time'), DEADLINE_MS);
    child.removeAllListeners();
    child.once('message', resolve);
    child.once('error', ({ message }) => failed(message));
    child.once('exit', (code, signal) => failed(`exit ${code ?? signal}`));
    child.send(request, (error) => error && failed(error.message));
  });
  clearTimeout(deadline);
  child.unref();
  child.channel?.unref();
  if ('failed' in result) throw new Error(`the password process failed: ${result.failed}`);
  return result.answer;
}

function start(): ChildProcess {
  return fork(fileURLToPath(program), [], {
    env: {},
    execArgv: [],
    // a group of its own: Ctrl-C at a terminal is the platform's to handle
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function end(): void {
  running?.removeAllListeners();
  running?.on('error', () => undefined);
  running?.kill('SIGKILL');
  running = undefined;
}
