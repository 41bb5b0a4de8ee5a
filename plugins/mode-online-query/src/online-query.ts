import { Type } from '@qianzhi/model/schema';
import type { ExchangeMode } from '@qianzhi/plugin-api';
import { accept } from './accept.js';
import { createAnswerer } from './answer.js';
import { queryModeErrors } from './errors.js';
import { check, prepare } from './prepare.js';

/** 联机查询 (R034): single questions, answered while somebody waits. */
export const onlineQuery: ExchangeMode = {
  kind: 'mode',
  configSchema: Type.Object({}, { additionalProperties: false }),
  plan: () => [],
  nextDue: () => undefined,
  async run({ exchange }) {
    throw queryModeErrors.NO_EXCHANGES({ exchange });
  },
  answering: { check, prepare, accept, answer: createAnswerer() },
};
