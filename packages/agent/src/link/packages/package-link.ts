import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Box, openBox, type PackageSettings, type PlatformNotes } from '@qianzhi/carrier';
import type { PlatformClient } from '@qianzhi/client';
import {
  type Assignments,
  isQianzhiError,
  type KeyRecord,
  type Lease,
  type PackageStatus,
  type QianzhiError,
  type Signed,
  type TakenPackage,
  toProblem,
} from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import type { Channel, IncomingDelivery, ReceiveRequest } from '@qianzhi/plugin-api';
import { agentErrors } from '../../errors.js';
import { signingKeyOf } from '../../identity/identity-file.js';
import { readAssignments, writeAssignments } from '../assignments-file.js';
import type { LinkOptions, PlatformLink } from '../platform-link.js';
import { createReceiptQueue } from '../receipt-queue.js';
import { type Arrivals, openArrivals } from './arrivals.js';
import { type Departures, openDepartures } from './departures.js';

/** What commands may ask of packages. */
export interface Packages {
  status(): Promise<PackageStatus>;
  /** Closes what waits into a package now, or lays a kept one out again; undefined where nothing waits. */
  export(again: number | undefined): Promise<TakenPackage | { file: string } | undefined>;
  /** Takes one file, or all that lies in the in-folder. */
  import(file: string | undefined): Promise<readonly TakenPackage[]>;
}

export interface PackageLink {
  readonly link: PlatformLink;
  readonly channel: Channel;
  readonly packages: Packages;
}

/** Link and channel of an agent that no line joins to the platform: packages carry both ways. */
export async function createPackageLink(
  options: Omit<LinkOptions, 'url' | 'version' | 'onFenced'>,
  settings: PackageSettings,
  folder: string,
): Promise<PackageLink> {
  const { identity, stateDir, now, log } = options;
  const { platformKeys } = identity;
  const receipts = createReceiptQueue();
  const closing = new AbortController();
  let assignments: Assignments | undefined = await readAssignments(stateDir, platformKeys);
  let lease: Lease | undefined;
  let heads: PlatformNotes['heads'] | undefined;
  let problem: QianzhiError | undefined;
  let problemSince: string | undefined;
  let takenAt: string | undefined;
  const listening = new Set<() => void>();
  let running: Promise<void> = Promise.resolve();
  const own = join(stateDir, 'packages');
  const opened = await openBox({
    folder: own,
    out: resolve(folder, settings.out),
    in: resolve(folder, settings.in),
    self: identity.agent,
    peer: 'platform',
    key: signingKeyOf(identity),
    keys: async () => [...platformKeys, ownKey(options.identity)],
    validMs: settings.validDays * 86_400_000,
    now,
  });
  const box: Box = {
    ...opened,
    async send(writer) {
      const sent = await opened.send(writer);
      log.info({ ...sent }, 'package exported');
      return sent;
    },
    async again(number) {
      const file = await opened.again(number);
      log.info({ number, file }, 'package exported again');
      return file;
    },
  };
  const departures: Departures = await openDepartures({
    box,
    folder: own,
    maxBytes: settings.maxMiB * 1024 * 1024,
    keys: [ownKey(identity)],
  });
  const arrivals: Arrivals = await openArrivals(join(own, 'arrived'), platformKeys, hear);
  takenAt = (await box.status()).takenAt;

  function hear(notes: PlatformNotes): void {
    const next = notes.lease.body;
    if (!lease || lease.issuedAt < next.issuedAt) lease = next;
    heads = notes.heads;
    for (const receipt of notes.receipts) {
      departures.receipted(receipt);
      receipts.put(receipt);
    }
    for (const refusal of notes.refusals) departures.refused(refusal);
  }

  /** Signatures and whom the documents are for; a version below the known one comes from a restored platform. */
  async function takeOrders({ assignments: orders, lease: next }: PlatformNotes): Promise<void> {
    for (const document of [orders, next] as Signed<{ agent: string; issuedAt: string }>[]) {
      verifyDocument(document, platformKeys, document.body.issuedAt);
      const { agent: owner } = document.body;
      if (owner !== identity.agent)
        throw agentErrors.IDENTITY_FOREIGN({ stateDir, agent: identity.agent, owner });
    }
    if (assignments && orders.body.version <= assignments.version) return;
    await writeAssignments(stateDir, orders);
    assignments = orders.body;
  }

  async function take(...[one, file]: Parameters<Parameters<Box['receive']>[0]>): Promise<void> {
    const told = await arrivals.keep(one, file);
    for (const notes of told) {
      await takeOrders(notes);
      hear(notes);
    }
    takenAt = now().toISOString();
  }

  function changed(): void {
    options.onChange();
    for (const wake of listening) wake();
    listening.clear();
  }

  async function receive(file?: string): Promise<readonly TakenPackage[]> {
    const taken = file === undefined ? await box.receive(take) : [await box.receiveFile(file, take)];
    for (const each of taken) log.info({ ...each }, 'package imported');
    if (taken.length > 0) changed();
    return taken;
  }

  /** A round that fails is kept for `status` and comes again. */
  async function round(): Promise<void> {
    try {
      await receive();
      await departures.send(false);
      problem = undefined;
      problemSince = undefined;
    } catch (error) {
      if (!isQianzhiError(error)) log.error({ error: String(error) }, 'packages failed inside');
      else if (problem?.code !== error.code) log.warn({ code: error.code, ...error.details }, error.message);
      problem = isQianzhiError(error) ? error : agentErrors.PACKAGES_FAILED({}, error);
      problemSince ??= now().toISOString();
    }
  }

  async function keepGoing(): Promise<void> {
    while (!closing.signal.aborted) {
      await round();
      await wait(settings.everySeconds * 1000, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  async function* incoming(request: ReceiveRequest, signal: AbortSignal): AsyncIterable<IncomingDelivery> {
    departures.want(request);
    await arrivals.forget(request);
    let { after } = request;
    const deadline = Date.now() + request.waitMs;
    for (;;) {
      const next = new Promise<void>((resolve) => {
        listening.add(resolve);
      });
      const found = arrivals.after({ ...request, after });
      yield* found;
      const last = new Map(found.map(({ delivery: { body } }) => [JSON.stringify(body.delivery), body]));
      const reached = [...last.values()].map(({ delivery, seq }) => ({ delivery, seq }));
      after = [...after.filter(({ delivery }) => !last.has(JSON.stringify(delivery))), ...reached];
      const left = deadline - Date.now();
      if (left <= 0 || signal.aborted) return;
      if (found.length > 0) continue;
      const ended = AbortSignal.any([signal, AbortSignal.timeout(left)]);
      await Promise.race([next, wait(left, undefined, { signal: ended }).catch(() => undefined)]);
    }
  }

  const carried = () => agentErrors.CARRIED({});
  const client: PlatformClient = {
    url: 'packages:',
    call: () => Promise.reject(carried()),
    open: () => Promise.reject(carried()),
    upgrade: () => Promise.reject(carried()),
    close: async () => {},
  };
  const closeAll = async () => {
    closing.abort();
    await running;
  };

  return {
    link: {
      client,
      assignments: () => assignments,
      lease: () => lease,
      platformKeys: () => platformKeys,
      status: () => ({
        url: 'packages:',
        online: problem === undefined && takenAt !== undefined,
        lastContactAt: takenAt,
        problemSince,
        problem: problem && toProblem(problem),
        assignmentsVersion: assignments?.version,
        leaseExpiresAt: lease?.expiresAt,
        clockSkewSeconds: undefined,
      }),
      async open() {
        running = keepGoing();
      },
      refresh: async () => void (await receive()),
      close: closeAll,
    },
    channel: {
      carried: true,
      send: (batch) => departures.add(batch),
      receipts: (signal) => receipts.read(signal),
      receive: incoming,
      acknowledge: (signed) => departures.addReceipts(signed),
      // they travel with the receipts, so that neither is ahead of the other
      heads: async (known) => heads ?? known,
      async [Symbol.asyncDispose]() {},
    },
    packages: {
      status: box.status,
      export: async (again) =>
        again === undefined ? departures.send(true) : { file: await box.again(again) },
      import: receive,
    },
  };
}

function ownKey({ keyId, agent, suite, publicKey }: LinkOptions['identity']): KeyRecord {
  return { keyId, owner: agent, suite, publicKey, validFrom: new Date(0).toISOString() };
}
