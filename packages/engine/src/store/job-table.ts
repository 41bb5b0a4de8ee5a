import type { PlannedJob, RunSummary } from '@qianzhi/plugin-api';
import { problemOf } from '../failure.js';
import { type JobInfo, type JobLine, type JobState, jobStates, type Progress } from '../surface.js';
import type { Store } from './store.js';

export interface JobRow {
  readonly id: string;
  readonly exchange: string;
  readonly cause: PlannedJob['cause'];
  readonly due_at: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly failures: number;
  readonly next_at: string;
  readonly lease_owner: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly problem: string | null;
  readonly progress: string | null;
  readonly summary: string | null;
}

/** How a taken job comes to rest. */
export interface JobEnd {
  readonly state: Exclude<JobState, 'running'>;
  readonly nextAt: string;
  readonly endedAt: string | null;
  readonly failures: number;
  readonly problem: string | null;
  /** Of this attempt and those before. */
  readonly summary: RunSummary;
  /** Takes the attempt back: the work was interrupted, not tried. */
  readonly uncounted?: boolean;
}

export interface JobTable {
  insert(job: PlannedJob): boolean;
  get(id: string): JobRow | undefined;
  list(filter: { exchange?: string; state?: JobState; limit?: number }): readonly JobRow[];
  /** Open jobs due at `now` whose exchange runs nothing, oldest first. */
  due(now: string, limit: number): readonly JobRow[];
  /** When the next open job is due; of those due later than `after`. */
  nextDue(after: string): string | undefined;
  /** One guarded update: true for exactly one taker. */
  take(id: string, owner: string, now: string, leaseUntil: string): boolean;
  heartbeat(id: string, owner: string, leaseUntil: string): boolean;
  end(id: string, owner: string, end: JobEnd): boolean;
  /** Moves a job that nobody runs. */
  move(
    id: string,
    from: readonly JobState[],
    state: JobState,
    nextAt: string,
    endedAt: string | null,
  ): boolean;
  setProgress(id: string, progress: Progress): void;
  /** Jobs that a dead process left running. */
  orphans(): number;
  /** Makes waiting jobs due. */
  wakeWaiting(now: string): void;
  /** Makes open jobs due that wait beyond `latest`, as none does unless the clock was set back. */
  pullBack(now: string, latest: string): void;
  /** Jobs that were due beyond `latest`, by a clock that was ahead, count as due at `now`. */
  pullBackDue(now: string, latest: string): void;
  /** How many there are in each state. */
  counts(): Readonly<Record<JobState, number>>;
  openOf(exchange: string): readonly JobRow[];
  /** Exchanges that have a job which has not begun, or is to go on. */
  waitingExchanges(): readonly string[];
  addLine(job: string, line: JobLine, keep: number): void;
  lines(job: string): readonly JobLine[];
  forget(keep: number): void;
}

/** The exchange is neither paused nor stopped, and nothing of it runs. */
const startable = `exchange IN (SELECT name FROM exchange WHERE state = 'running')
     AND exchange NOT IN (SELECT exchange FROM job WHERE state = 'running')`;

export function jobTable({ db }: Store): JobTable {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO job (id, exchange, cause, due_at, state, next_at) VALUES (?, ?, ?, ?, 'queued', ?)`,
  );
  const one = db.prepare<[string], JobRow>('SELECT * FROM job WHERE id = ?');
  const list = db.prepare<[Record<string, unknown>], JobRow>(
    `SELECT * FROM job WHERE (@exchange IS NULL OR exchange = @exchange) AND (@state IS NULL OR state = @state)
     ORDER BY n DESC LIMIT @limit`,
  );
  const due = db.prepare<[string, number], JobRow>(
    `SELECT * FROM job WHERE state IN ('queued', 'waiting') AND next_at <= ?
     AND ${startable} ORDER BY next_at, n LIMIT ?`,
  );
  const nextDue = db.prepare<[string], { at: string | null }>(
    `SELECT min(next_at) AS at FROM job WHERE state IN ('queued', 'waiting') AND next_at > ?
     AND ${startable}`,
  );
  const take = db.prepare(
    `UPDATE job SET state = 'running', lease_owner = ?, lease_until = ?, attempt = attempt + 1, started_at = ?, ended_at = NULL
     WHERE id = ? AND (state IN ('queued', 'waiting') AND next_at <= ? OR state = 'running' AND lease_until < ?)`,
  );
  const heartbeat = db.prepare(
    `UPDATE job SET lease_until = ? WHERE id = ? AND lease_owner = ? AND state = 'running'`,
  );
  const end = db.prepare(
    `UPDATE job SET state = @state, next_at = @nextAt, ended_at = @endedAt, failures = @failures, problem = @problem,
     summary = @summary, attempt = attempt - @uncounted, lease_owner = NULL, lease_until = NULL
     WHERE id = @id AND lease_owner = @owner AND state = 'running'`,
  );
  const move = db.prepare(
    'UPDATE job SET state = ?, next_at = ?, ended_at = ?, failures = 0 WHERE id = ? AND state IN (SELECT value FROM json_each(?))',
  );
  const progress = db.prepare('UPDATE job SET progress = ? WHERE id = ?');
  const orphans = db.prepare(
    `UPDATE job SET state = 'queued', lease_owner = NULL, lease_until = NULL WHERE state = 'running'`,
  );
  const wake = db.prepare(`UPDATE job SET next_at = ? WHERE state = 'waiting' AND next_at > ?`);
  const pullBack = db.prepare(
    `UPDATE job SET next_at = ? WHERE state IN ('queued', 'waiting') AND next_at > ?`,
  );
  const pullBackDue = db.prepare('UPDATE job SET due_at = ? WHERE due_at > ?');
  const counts = db.prepare<[], { state: JobState; count: number }>(
    'SELECT state, count(*) AS count FROM job GROUP BY state',
  );
  const openOf = db.prepare<[string], JobRow>(
    `SELECT * FROM job WHERE exchange = ? AND state IN ('queued', 'waiting', 'running') ORDER BY n`,
  );
  const waitingExchanges = db
    .prepare<[], string>("SELECT DISTINCT exchange FROM job WHERE state IN ('queued', 'waiting')")
    .pluck();
  const addLine = db.prepare('INSERT INTO job_line (job, at, level, message, facts) VALUES (?, ?, ?, ?, ?)');
  const trimLines = db.prepare(
    'DELETE FROM job_line WHERE job = ? AND n <= (SELECT n FROM job_line WHERE job = ? ORDER BY n DESC LIMIT 1 OFFSET ?)',
  );
  const lines = db.prepare<[string], { at: string; level: string; message: string; facts: string }>(
    'SELECT at, level, message, facts FROM job_line WHERE job = ? ORDER BY n',
  );
  const forgetJobs = db.prepare(
    `DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND n <= (SELECT max(n) FROM job) - ?`,
  );
  const forgetLines = db.prepare('DELETE FROM job_line WHERE job NOT IN (SELECT id FROM job)');
  return {
    insert: (job) => {
      const at = job.dueAt.toISOString();
      return insert.run(job.id, job.exchange, job.cause, at, at).changes > 0;
    },
    get: (id) => one.get(id),
    list: ({ exchange = null, state = null, limit = 1000 }: Record<string, unknown>) =>
      list.all({ exchange, state, limit }),
    due: (now, limit) => due.all(now, limit),
    nextDue: (after) => nextDue.get(after)?.at ?? undefined,
    take: (id, owner, now, until) => take.run(owner, until, now, id, now, now).changes === 1,
    heartbeat: (id, owner, until) => heartbeat.run(until, id, owner).changes === 1,
    end: (id, owner, { summary, uncounted = false, ...rest }) =>
      end.run({
        ...rest,
        id,
        owner,
        summary: JSON.stringify(summary),
        uncounted: uncounted ? 1 : 0,
      }).changes === 1,
    move: (id, from, state, nextAt, endedAt) =>
      move.run(state, nextAt, endedAt, id, JSON.stringify(from)).changes === 1,
    setProgress: (id, value) => void progress.run(JSON.stringify(value), id),
    orphans: () => orphans.run().changes,
    wakeWaiting: (now) => void wake.run(now, now),
    pullBack: (now, latest) => void pullBack.run(now, latest),
    pullBackDue: (now, latest) => void pullBackDue.run(now, latest),
    counts() {
      const found = new Map(counts.all().map(({ state, count }) => [state, count]));
      const entries = jobStates.map((state) => [state, found.get(state) ?? 0]);
      return Object.fromEntries(entries) as Record<JobState, number>;
    },
    openOf: (exchange) => openOf.all(exchange),
    waitingExchanges: () => waitingExchanges.all(),
    addLine(job, line, keep) {
      addLine.run(job, line.at, line.level, line.message, JSON.stringify(line.facts));
      trimLines.run(job, job, keep);
    },
    lines: (job) =>
      lines.all(job).map((line) => ({
        ...line,
        level: line.level as JobLine['level'],
        facts: JSON.parse(line.facts) as JobLine['facts'],
      })),
    forget(keep) {
      if (forgetJobs.run(keep).changes > 0) forgetLines.run();
    },
  };
}

export function jobInfo(row: JobRow): JobInfo {
  const stopped = row.state === 'failed' || row.state === 'cancelled';
  const halted = stopped || row.state === 'waiting';
  return {
    id: row.id,
    exchange: row.exchange,
    state: row.state,
    cause: row.cause,
    dueAt: row.due_at,
    attempt: row.attempt,
    nextAt: row.state === 'waiting' ? row.next_at : undefined,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    progress: row.progress === null ? undefined : (JSON.parse(row.progress) as Progress),
    summary:
      row.state === 'done' && row.summary !== null ? (JSON.parse(row.summary) as RunSummary) : undefined,
    problem: halted ? problemOf(row.problem) : undefined,
    restart: halted ? `qianzhi job retry ${row.id}` : undefined,
  };
}
