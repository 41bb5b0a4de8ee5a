import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The metrics of one process. Names follow Prometheus (base units, `_total`); labels are names out of config, catalog and
 * code alone, so that their number is bounded: never a row value, an address or a secret.
 */
export interface Metrics {
  /** Answers what adds to it: called for a batch or a request, never for a row. */
  counter<const L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (by: number, labels: Readonly<Record<L, string>>) => void;
  /** `read` is called with each scrape; what it no longer answers is gone. */
  gauge(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Iterable<Sample> | Promise<Iterable<Sample>>,
  ): void;
  /** Their text, and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `prefix` begins every name; CPU, memory and event loop of the process are among them. */
export function createMetrics(prefix: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix });
  const registers = [registry];
  return {
    counter(name, help, labelNames) {
      const counter = new Counter({ name: prefix + name, help, labelNames, registers });
      return (by, labels) => counter.inc(labels, by);
    },
    gauge(name, help, labelNames, read) {
      new Gauge({
        name: prefix + name,
        help,
        labelNames,
        registers,
        async collect() {
          const samples = await read();
          this.reset();
          for (const { labels = {}, value } of samples) this.set(labels, value);
        },
      });
    },
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
