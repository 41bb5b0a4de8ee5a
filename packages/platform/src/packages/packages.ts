import { join } from 'node:path';
import { type Box, createTurn, openBox, type PackageSettings, type Turn } from '@qianzhi/carrier';
import { isQianzhiError, type PackageStatus, type TakenPackage } from '@qianzhi/model';
import type { AssignmentService } from '../assignment/assignments.js';
import type { Exchange } from '../exchange/exchange.js';
import { sightOf } from '../exchange/sight.js';
import type { AgreementService } from '../ports.js';
import type { AgentCaller, PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { type Answers, readAnswers, writeAnswers } from './answers.js';
import { packageErrors } from './errors.js';
import { layOut } from './lay-out.js';
import { takePackage } from './take-package.js';

export type PlatformPackages = PackageSettings & { readonly agents: readonly string[] };

export interface PackagePorts {
  readonly exchange: Exchange;
  readonly assignments: AssignmentService;
  readonly agreements: AgreementService;
  readonly departmentOf: (agent: string) => Promise<string | undefined>;
}

export interface PackageRun {
  readonly agent: string;
  readonly again?: number | undefined;
  readonly anew?: boolean | undefined;
  readonly restart?: boolean | undefined;
}

/** Packages of agents that no line joins to this platform. One node of a platform has the folders. */
export interface PackageService {
  status(caller: PersonCaller): Promise<PackageStatus[]>;
  run(caller: PersonCaller, run: PackageRun): Promise<{ taken: TakenPackage[]; sent: string[] }>;
  readonly in: string;
  readonly out: string;
  close(): Promise<void>;
}

interface Line {
  readonly agent: string;
  readonly box: Box;
  answers: Answers;
  readonly turn: Turn;
}

export async function openPackages(
  context: PlatformContext,
  settings: PlatformPackages,
  ports: PackagePorts,
): Promise<PackageService> {
  const { dataDir, keys, signingKey, log, now, audit } = context;
  const lines = new Map<string, Line>();
  const folderOf = (agent: string) => join(dataDir, 'packages', agent);
  for (const agent of settings.agents) {
    const box = await openBox({
      folder: folderOf(agent),
      out: settings.out,
      in: settings.in,
      self: 'platform',
      peer: agent,
      key: signingKey,
      keys: () => keys.all(),
      judgeKeysNow: true,
      validMs: settings.validDays * 86_400_000,
      now,
    });
    const answers = await readAnswers(join(folderOf(agent), 'answers.json'));
    lines.set(agent, { agent, box, answers, turn: createTurn() });
  }

  async function keep(line: Line, answers: Answers): Promise<void> {
    await writeAnswers(join(folderOf(line.agent), 'answers.json'), answers);
    line.answers = answers;
  }

  /** As who an agent acts by its packages. Throws QZ_PLATFORM_PACKAGE_AGENT_ENDED for one that is not enrolled (any more). */
  async function callerOf(agent: string): Promise<AgentCaller> {
    const department = await ports.departmentOf(agent);
    const at = now().toISOString();
    const key = (await keys.ofAgent(agent)).find(({ validTo }) => validTo === undefined || validTo > at);
    if (department === undefined || !key) throw packageErrors.PACKAGE_AGENT_ENDED({ agent });
    return { kind: 'agent', agent, department, key };
  }

  async function exchangeNow(line: Line) {
    const caller = await callerOf(line.agent);
    const taken = await line.box.receive(async (arrived) => {
      const answers = await takePackage(context, ports.exchange, caller, arrived, line.answers);
      await keep(line, answers);
      const { number: object } = arrived.head;
      const details = { package: object, digest: arrived.digest, entries: arrived.head.entries.length };
      await audit.record({
        actor: caller,
        action: 'package.take',
        object: line.agent,
        outcome: 'done',
        details,
      });
    });
    const parts = {
      context,
      exchange: ports.exchange,
      assignments: ports.assignments,
      agreements: ports.agreements,
      maxBytes: settings.maxMiB * 1024 * 1024,
      validSeconds: Math.round(settings.validDays * 86_400),
    };
    const sent = await layOut(parts, line.box, caller, line.answers, (answers) => keep(line, answers));
    for (const file of sent) {
      await audit.record({
        actor: 'platform',
        action: 'package.send',
        object: line.agent,
        outcome: 'done',
        details: { file },
      });
    }
    return { taken: [...taken], sent };
  }

  async function round(): Promise<void> {
    for (const line of lines.values()) {
      try {
        await line.turn.take(() => exchangeNow(line));
      } catch (error) {
        if (!isQianzhiError(error)) log.error({ err: error, agent: line.agent }, 'packages failed inside');
        else log.warn({ code: error.code, agent: line.agent }, error.message);
      }
    }
  }

  let running: Promise<void> | undefined;
  const look = () => {
    running ??= round().finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(look, settings.everySeconds * 1000);
  timer.unref();
  const stopListening = ports.agreements.onGrantChanged(look);

  /** Whose packages a person may see and move: those of agents of the own department, or all. */
  async function lineOf(caller: PersonCaller, agent: string): Promise<Line> {
    const { all, department } = sightOf(caller);
    const line = lines.get(agent);
    if (line && (all || (department !== null && (await ports.departmentOf(agent)) === department)))
      return line;
    throw packageErrors.PACKAGE_AGENT_UNKNOWN({ agent });
  }

  return {
    in: settings.in,
    out: settings.out,
    async status(caller) {
      const { all, department } = sightOf(caller);
      const shown: PackageStatus[] = [];
      for (const { agent, box } of lines.values()) {
        if (all || (await ports.departmentOf(agent)) === department) {
          shown.push(await box.status());
        }
      }
      return shown;
    },
    async run(caller, { agent, again, anew, restart }) {
      const line = await lineOf(caller, agent);
      if (again !== undefined) {
        const file = await line.box.again(again);
        const details = { file, again };
        await audit.record({
          actor: caller,
          action: 'package.send',
          object: agent,
          outcome: 'done',
          details,
        });
        return { taken: [], sent: [file] };
      }
      return line.turn.take(async () => {
        if (restart) await line.box.restart();
        if (anew || restart) await keep(line, { ...line.answers, exported: [], told: undefined });
        return exchangeNow(line);
      });
    },
    async close() {
      clearInterval(timer);
      stopListening();
      await running;
      for (const { turn } of lines.values()) await turn.over();
    },
  };
}
