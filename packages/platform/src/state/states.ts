import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Dataset } from '@qianzhi/dataset';
import { isQianzhiError } from '@qianzhi/model';
import { createMonitors } from '../exchange/monitor.js';
import type { CatalogService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import { stateErrors } from './errors.js';
import { createLookup, type LookupState } from './lookup.js';
import { endOf, foldable, ownStreams, planFold } from './plan-fold.js';
import { findStates, insertState, type SupplierState } from './state-table.js';

/**
 * Current rows of resources, kept on disk and made from snapshot and deltas. Folding may be killed at any moment: a state is there
 * whole or not at all, and what is missing is made again from the batches, which retention keeps from the last copy on.
 */
export interface States {
  /**
   * The rows after the last batch that counts, one state for each supplier; what is missing is folded first. Each is kept for `use` until
   * `release`. Throws QZ_PLATFORM_STATE_NONE (conflict), _STATE_FILES (config) and what folding throws.
   */
  current(resource: string, use: string, signal: AbortSignal): Promise<readonly SupplierState[]>;
  /** A state by id, while it is kept. */
  find(id: string): Promise<SupplierState | undefined>;
  /** How many agents there are states of, or could be, and when the newest batch came. */
  extent(resource: string): Promise<{ readonly suppliers: number; readonly newestBatchAt: string | null }>;
  /** Rows by key, as of the newest state there is; nothing is folded for it. */
  readonly lookup: LookupState;
  /** Folds what has gathered `batches` behind its state, of the resources told. */
  compact(resources: readonly string[], signal: AbortSignal): Promise<void>;
  release(use: string): void;
  /** Removes states that nobody uses and that are not the newest; `kept`: ids that are wanted for later. */
  sweep(kept: ReadonlySet<string>): Promise<void>;
  bytes(): Promise<number>;
}

/** So many batches behind, a state is brought forward without being asked for. */
const BEHIND = 200;

export interface StateParts {
  readonly context: PlatformContext;
  readonly catalog: CatalogService;
  readonly dataset: Dataset;
  /** Of a batch file on disk. */
  readonly pathOf: (file: string) => string;
}

export async function openStates({ context, catalog, dataset, pathOf }: StateParts): Promise<States> {
  const { db, now, dataDir } = context;
  const folder = join(dataDir, 'states');
  const monitors = createMonitors();
  const uses = new Map<string, Set<string>>();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await matchFolders();

  /** What a crash or a restored database left: folders nobody knows, rows without folder. */
  async function matchFolders(): Promise<void> {
    const known = new Set((await findStates(db, folder)).map(({ id }) => id));
    const there = new Set(await readdir(folder));
    for (const name of there)
      if (!known.has(name)) await rm(join(folder, name), { recursive: true, force: true });
    for (const id of known) if (!there.has(id)) await db('states').where({ id }).delete();
  }

  const foldableOf = async (resource: string) => foldable(await ownStreams(db, catalog, resource));

  async function newestOf(resource: string, agent: string): Promise<SupplierState | undefined> {
    const [newest] = await findStates(db, folder, { resource, agent });
    return newest;
  }

  async function ageOf({ resource, agent, epoch, seq }: SupplierState) {
    const batches = db('batches').where({ resource, agent, epoch });
    const last = await batches.clone().where({ seq }).first('received_at');
    const [stream] = (await foldableOf(resource)).filter((one) => one.agent === agent);
    const since = stream && endOf(stream) - (stream.epoch === epoch ? seq : 0);
    return { storedAt: String(last?.received_at), behind: Math.max(0, since ?? 0) };
  }

  /** Brings one stream's state to its end. Retention may take a batch away meanwhile: then it begins anew, once. */
  async function foldStream(
    resource: string,
    agent: string,
    signal: AbortSignal,
    again = true,
  ): Promise<void> {
    try {
      for (;;) {
        const stream = (await foldableOf(resource)).find((one) => one.agent === agent);
        const plan = stream && (await planFold(db, pathOf, catalog, stream, await newestOf(resource, agent)));
        if (!plan) return;
        const id = randomUUID();
        const { baseFiles: base, batches } = plan;
        const output = join(folder, id);
        const made = await dataset.fold({ resource: plan.resource, base, batches, output }, signal);
        context.failpoint?.('state:folded');
        const files = made.files.map(({ path, ...file }) => ({ name: basename(path), ...file }));
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        const { snapshotFrom, seq } = plan;
        const { schemaVersion } = plan.resource;
        const { epoch } = plan.stream;
        const state = {
          id,
          resource,
          agent,
          epoch,
          snapshotFrom,
          seq,
          schemaVersion,
          rows: made.rows,
          bytes,
          files,
        };
        await insertState(db, state, now().toISOString());
        context.log.info({ resource, agent, epoch, seq, rows: made.rows, bytes }, 'state folded');
      }
    } catch (error) {
      const gone =
        isQianzhiError(error, 'QZ_PLATFORM_STATE_BYTES_GONE') ||
        isQianzhiError(error, 'QZ_DATASET_FILE_MISSING');
      if (!gone || !again) throw error;
      await foldStream(resource, agent, signal, false);
    }
  }

  /** Newest first, of those who supply now. */
  async function statesOf(resource: string): Promise<readonly SupplierState[]> {
    const own = await ownStreams(db, catalog, resource);
    const agents = new Set(foldable(own).map(({ agent }) => agent));
    return (await findStates(db, folder, { resource })).filter(
      ({ agent, epoch }) =>
        agents.has(agent) && own.some((stream) => stream.agent === agent && stream.epoch === epoch),
    );
  }

  const inTurn = <T>(resource: string, work: () => Promise<T>) => monitors.within(`state ${resource}`, work);

  return {
    current: (resource, use, signal) =>
      inTurn(resource, async () => {
        if ((await catalog.current(resource))?.content === 'files')
          throw stateErrors.STATE_FILES({ resource });
        const streams = await foldableOf(resource);
        if (streams.length === 0) throw stateErrors.STATE_NONE({ resource });
        const states: SupplierState[] = [];
        for (const { agent } of streams) {
          await foldStream(resource, agent, signal);
          const state = await newestOf(resource, agent);
          if (!state) throw stateErrors.STATE_NONE({ resource });
          states.push(state);
        }
        uses.set(use, new Set([...(uses.get(use) ?? []), ...states.map(({ id }) => id)]));
        return states;
      }),
    async find(id) {
      return (await findStates(db, folder, { id }))[0];
    },
    async extent(resource) {
      const streams = await foldableOf(resource);
      const newest = streams.map((one) => one.last_batch_at).filter((at) => at !== null);
      return { suppliers: streams.length, newestBatchAt: newest.sort().at(-1) ?? null };
    },
    lookup: createLookup(statesOf, catalog, ageOf),
    async compact(resources, signal) {
      for (const resource of resources) {
        for (const stream of await foldableOf(resource)) {
          const { agent, epoch } = stream;
          const newest = await newestOf(resource, agent);
          const from = newest?.epoch === epoch ? newest.seq : 0;
          if (newest && endOf(stream) - from >= BEHIND)
            await inTurn(resource, () => foldStream(resource, agent, signal));
        }
      }
    },
    release(use) {
      uses.delete(use);
    },
    async sweep(kept) {
      const used = new Set([...uses.values()].flatMap((ids) => [...ids]));
      const newest = new Set<string>();
      for (const { id, resource, agent } of await findStates(db, folder)) {
        const name = `${resource} ${agent}`;
        const first = !newest.has(name);
        newest.add(name);
        if (first || used.has(id) || kept.has(id)) continue;
        await db('states').where({ id }).delete();
        await rm(join(folder, id), { recursive: true, force: true });
      }
    },
    async bytes() {
      return Number((await db('states').sum({ bytes: 'bytes' }).first())?.bytes ?? 0);
    },
  };
}
