import { overDrivers } from '@qianzhi/testing';
import { connectorOver } from '../connector.js';
import type { ScriptedDriver } from './scripted-driver.js';

export const secret = 'Pass-Word-123';
export const config = { host: 'db.example', database: 'legacy', user: 'reader', password: secret };

export const { connect, sourceOf, sinkOf } = overDrivers(
  ({ make }: ScriptedDriver) => connectorOver(make),
  config,
);
