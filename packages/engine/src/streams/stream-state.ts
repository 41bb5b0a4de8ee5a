import type { QianzhiError } from '@qianzhi/model';
import type { Core } from '../core.js';
import { problemText } from '../failure.js';
import { newStream, type StreamRow } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';

/** Stops (nothing is read or sent) or pauses (nothing is read) one resource's stream, with the reason. */
export interface StreamStates {
  stop(resource: string, error: QianzhiError): void;
  pause(resource: string, error: QianzhiError): void;
  /** The stream's row, made when it is first needed. */
  ensure(resource: string): StreamRow;
}

export function createStreamStates(
  core: Core,
  tables: Tables,
  changed: (resource: string) => void,
): StreamStates {
  function halt(resource: string, state: 'paused' | 'stopped', error: QianzhiError): void {
    if (core.crashed()) return;
    const row = tables.streams.get(resource);
    if (!row || row.state === 'stopped') return;
    core.store.write(() => tables.streams.put({ ...row, state, problem: problemText(error) }));
    core.alarm(error, resource);
    changed(resource);
  }
  return {
    stop: (resource, error) => halt(resource, 'stopped', error),
    pause: (resource, error) => halt(resource, 'paused', error),
    ensure(resource) {
      const known = tables.streams.get(resource);
      if (known) return known;
      core.store.write(() => tables.streams.put(newStream(resource, 1)));
      return tables.streams.get(resource)!;
    },
  };
}
