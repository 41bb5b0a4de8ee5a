import type { CatalogResource } from '@qianzhi/model';
import type { Connection, Sink, Source, SourceSpec } from '@qianzhi/plugin-api';
import { noAbort, quietContext } from '@qianzhi/testing';
import { connectorOver } from '../connector.js';
import type { ScriptedDriver } from './scripted-driver.js';

export const secret = 'Pass-Word-123';
export const config = { host: 'db.example', user: 'reader', password: secret };

export function connect({ load }: ScriptedDriver, more: object = {}): Promise<Connection> {
  return connectorOver(load).open({ ...config, ...more }, quietContext, noAbort);
}

export async function sourceOf(
  driver: ScriptedDriver,
  resource: CatalogResource,
  source: object,
  strategy: SourceSpec['strategy'] = 'snapshot',
): Promise<Source> {
  return (await connect(driver)).source({ resource, source, strategy }, noAbort);
}

export async function sinkOf(
  driver: ScriptedDriver,
  resource: CatalogResource,
  target: object,
  more: object = {},
): Promise<Sink> {
  return (await connect(driver, more)).sink({ exchange: 'x', resource, target }, noAbort);
}
