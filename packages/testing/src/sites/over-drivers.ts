import type { CatalogResource } from '@qianzhi/model';
import type { Connection, Connector, Sink, Source, SourceSpec } from '@qianzhi/plugin-api';
import { noAbort, quietContext } from '../connector/row-lines.js';

/** What tests of a connector over a scripted driver open. `more` goes over the config. */
export interface OverDrivers<Driver> {
  connect(driver: Driver, more?: object): Promise<Connection>;
  sourceOf(
    driver: Driver,
    resource: CatalogResource,
    source: object,
    strategy?: SourceSpec['strategy'],
  ): Promise<Source>;
  sinkOf(driver: Driver, resource: CatalogResource, target: object, more?: object): Promise<Sink>;
}

/** Nothing is closed by itself: what is open then is part of what is tested. */
export function overDrivers<Driver>(
  connectorOver: (driver: Driver) => Connector,
  config: object,
): OverDrivers<Driver> {
  const connect = (driver: Driver, more: object = {}) =>
    connectorOver(driver).open({ ...config, ...more }, quietContext, noAbort);
  return {
    connect,
    async sourceOf(driver, resource, source, strategy = 'snapshot') {
      return (await connect(driver)).source({ resource, source, strategy }, noAbort);
    },
    async sinkOf(driver, resource, target, more) {
      return (await connect(driver, more)).sink({ exchange: 'x', resource, target }, noAbort);
    },
  };
}
