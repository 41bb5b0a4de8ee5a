import type { CatalogResource } from '@qianzhi/model';
import type {
  Alongside,
  Connection,
  Connector,
  PluginContext,
  Sink,
  SinkSpec,
  Source,
  SourceSpec,
} from '@qianzhi/plugin-api';
import { noAbort } from '../connector/row-lines.js';

/** Sources and sinks of one connector over one config; disposing closes them, and what else was kept, in reverse order. */
export interface Exchanges extends AsyncDisposable {
  /** Facts of every log line so far. */
  readonly logged: readonly object[];
  /** May be set: the agent's clock runs so much ahead. */
  agentAheadMs: number;
  /** `more` goes over the config. */
  open(more?: object): Promise<Connection>;
  source(
    resource: CatalogResource,
    source: object,
    more?: {
      readonly strategy?: SourceSpec['strategy'];
      readonly config?: object;
      readonly alongside?: Alongside;
    },
  ): Promise<Source>;
  sink(
    resource: CatalogResource,
    target: object,
    more?: Partial<SinkSpec> & { readonly config?: object },
  ): Promise<Sink>;
  keep<T extends AsyncDisposable>(opened: T): T;
}

export function openExchanges(connector: Connector, config: object, tempDir = '/nonexistent'): Exchanges {
  const opened: AsyncDisposable[] = [];
  const logged: object[] = [];
  const log = (facts: object) => void logged.push(facts);
  const context: PluginContext = {
    log: { debug: log, info: log, warn: log, error: log },
    now: () => new Date(Date.now() + exchanges.agentAheadMs),
    tempDir,
    timeZone: 'Asia/Shanghai',
  };
  const exchanges: Exchanges = {
    logged,
    agentAheadMs: 0,
    open: (more = {}) => connector.open({ ...config, ...more }, context, noAbort),
    async source(resource, source, { strategy = 'snapshot', config: more, alongside } = {}) {
      const connection = await exchanges.open(more);
      return exchanges.keep(
        await connection.source({ resource, strategy, source, ...(alongside && { alongside }) }, noAbort),
      );
    },
    async sink(resource, target, { config: more, ...spec } = {}) {
      const connection = await exchanges.open(more);
      const whole = { exchange: 'x', resource, target, ...spec };
      return exchanges.keep(await connection.sink(whole, noAbort));
    },
    keep(each) {
      opened.push(each);
      return each;
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
    },
  };
  return exchanges;
}
