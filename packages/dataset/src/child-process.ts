import { type ChildProcess, fork } from 'node:child_process';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ErrorFactory, QianzhiError } from '@qianzhi/model';
import { datasetErrors } from './errors.js';
import type { ChildAnswer, ChildProgress, ChildRequest, JobName, JobOutcomes, Refusal } from './protocol.js';

export interface RunPlace {
  readonly folder: string;
  readonly workDir: string;
}

/** The built program, also when this module itself runs from source (tests). */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/child.js' : './child.js', import.meta.url),
);

/** The child needs none of the agent's variables, which may hold secrets. */
const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TZ'] as const;

/**
 * glibc otherwise keeps what DuckDB frees, in heaps of each thread: 150 MB more under a limit of 512. Other systems' allocators look
 * for none of this.
 */
const allocator = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '1048576',
};

/**
 * Runs one request in a child process of its own, with the run folder as its current folder. The request goes over
 * IPC, never as arguments. The child has ended when this settles: killed at once by `signal`, and
 * ending by itself when this process dies, because its IPC channel closes.
 */
export async function runChild<J extends JobName>(
  request: ChildRequest & { readonly job: J },
  place: RunPlace,
  signal: AbortSignal,
  onProgress: (done: number) => void = () => {},
): Promise<JobOutcomes[J]> {
  await access(program).catch((cause) => {
    throw datasetErrors.CHILD_MISSING({ file: program }, cause);
  });
  if (signal.aborted) throw datasetErrors.CANCELLED();
  const child = fork(program, [], {
    cwd: place.folder,
    env: {
      ...allocator,
      ...Object.fromEntries(
        passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
      ),
    },
    execArgv: [],
    // a group of its own: Ctrl-C at a terminal is the parent's to handle
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const { answer, reason } = await converse(child, request, onProgress);
    if (signal.aborted) throw datasetErrors.CANCELLED();
    if (!answer) throw datasetErrors.CHILD_DIED({ reason });
    if (!answer.ok) throw failureOf(answer, request, place);
    return answer.outcome as JobOutcomes[J];
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** The child gives what only it knows; which resource and which folder it was is known here. */
function failureOf(
  { error, details }: Refusal,
  { layout }: ChildRequest,
  { workDir }: RunPlace,
): QianzhiError {
  const fail = datasetErrors[error] as ErrorFactory;
  return fail({ ...details, resource: layout.resource, workDir });
}

interface Conversation {
  readonly answer?: ChildAnswer;
  /** How the child ended. */
  readonly reason: string;
}

function converse(
  child: ChildProcess,
  request: ChildRequest,
  onProgress: (done: number) => void,
): Promise<Conversation> {
  return new Promise((resolve) => {
    let answer: ChildAnswer | undefined;
    let failure: string | undefined;
    child.on('message', (message) => {
      const told = message as ChildAnswer | ChildProgress;
      if ('progress' in told) onProgress(told.progress);
      else answer = told;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure = error.code ?? error.name;
      // without a process there is no `close`
      if (child.pid === undefined) resolve({ reason: failure });
    });
    child.on('close', (code, killedBy) => resolve({ answer, reason: killedBy ?? failure ?? `exit ${code}` }));
    child.send(request);
  });
}
