import { checkClock, lineTimes } from '@qianzhi/client';
import {
  agentRoutes,
  type LineWelcome,
  lineRoutes,
  type Payload,
  type Route,
  toProblem,
} from '@qianzhi/model';
import { agreeOnFrames, createAgreementKey, signDocument } from '@qianzhi/model/crypto';
import type { AgentAuthentication } from '../../identity/agent-authentication.js';
import type { AgentCaller } from '../caller.js';
import type { PlatformContext } from '../context.js';
import { type Asked, declaredUrl, refusalOf, tellAnswered } from '../problems.js';
import type { AgentSocket, ApiRequest, Handler } from '../serve.js';
import { typedParts } from '../typed-parts.js';
import { type Called, type Line, openLine } from './line.js';

/** The lines that agents hold open, one each: the routes that go over them are handled as over HTTP. */
export interface Lines {
  /** Keeps a route's handler for calls over lines. */
  serve<R extends Route>(route: R, handle: Handler<R, AgentCaller>): void;
  accept(agent: AgentSocket): void;
  /** Ends them all; resolves when what was under way has been answered, or after 10 s. */
  close(): Promise<void>;
}

export const lineRoute = agentRoutes.openLine;

const DRAIN_MS = 10_000;

type AnyRequest = ApiRequest<Route, AgentCaller>;
type AnyHandler = (request: AnyRequest) => Promise<unknown>;

export function createLines(
  context: PlatformContext,
  authentication: Pick<AgentAuthentication, 'again'>,
): Lines {
  const { now, log, signingKey } = context;
  const handlers = new Map<Route, AnyHandler>();
  const open = new Map<string, Line>();

  /** Throws where the agent is in force no more, or the clocks differ: what it asks without the line is refused with the reason. */
  async function answer({ caller, fence, address }: AgentSocket, called: Called) {
    const began = performance.now();
    const route: Route = lineRoutes[called.route];
    let asked: Asked = { route: `${route.method} ${declaredUrl(route)}`, caller };
    const note = (facts: object) => {
      asked = { ...asked, facts: { ...asked.facts, ...facts } };
    };
    checkClock(lineTimes(called.at), 'agent', now());
    await authentication.again(caller, fence);
    try {
      context.health.check();
      const body = route.body === 'bytes' ? called.bytes : called.body;
      const request = {
        ...typedParts(route, { params: called.params, query: {}, body }),
        caller,
        headers: called.headers ?? {},
        address,
        bodyDigest: undefined,
        note,
        answerDigest: () => undefined,
        signal: called.signal,
      };
      const given = await handlers.get(route)!(request as AnyRequest);
      tellAnswered(context, asked, 200, performance.now() - began);
      return { answer: given ?? null };
    } catch (error) {
      const coded = await refusalOf(error as Error, asked, context);
      note({ code: coded.code });
      const problem = toProblem(coded);
      tellAnswered(context, asked, problem.status, performance.now() - began);
      return { problem };
    }
  }

  return {
    serve(route, handle) {
      if (Object.values<Route>(lineRoutes).includes(route))
        handlers.set(route, handle as unknown as AnyHandler);
    },
    accept(agent) {
      const { socket, nonce, caller, query } = agent;
      const name = caller.agent;
      const own = createAgreementKey();
      const { key } = query as Payload<NonNullable<(typeof lineRoute)['query']>>;
      const frames = agreeOnFrames('platform', own, key, nonce);
      const body: LineWelcome = {
        type: 'line-welcome',
        agent: name,
        line: nonce,
        key: own.publicKey,
        routes: Object.keys(lineRoutes),
        issuedAt: now().toISOString(),
      };
      const line = openLine(socket, {
        frames,
        answer: (called) => answer(agent, called),
        now,
        wrong: (error) => log.warn({ agent: name, err: error }, 'line ended for a reason'),
      });
      open.get(name)?.close('replaced');
      open.set(name, line);
      socket.on('close', () => {
        if (open.get(name) === line) open.delete(name);
        log.info({ agent: name }, 'line closed');
      });
      socket.send(JSON.stringify(signDocument(body, signingKey)));
      log.info({ agent: name }, 'line open');
    },
    async close() {
      const drained = Promise.all([...open.values()].map((line) => line.drain()));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, DRAIN_MS);
      });
      await Promise.race([drained, late]);
      clearTimeout(timer);
    },
  };
}
