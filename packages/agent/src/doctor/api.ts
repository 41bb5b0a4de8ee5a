import { isGood, listApiKeys } from '../api/keys/api-keys.js';
import { isLoopback } from '../api/schema.js';
import { tlsOf } from '../api/start-api.js';
import type { LoadedConfig } from '../config/load.js';
import { type DoctorFinding, finding, ok, skipped } from './finding.js';

/** Whether the API for business systems could be served as configured, and by whom it may be used. Says nothing where there is none. */
export async function* checkApi({ config, folder, stateDir }: LoadedConfig): AsyncGenerator<DoctorFinding> {
  const { api } = config;
  if (!api) return;
  yield await finding('business-api', async () => {
    await tlsOf(api, folder);
    const place = `${api.host}:${api.port}`;
    return isLoopback(api.host)
      ? ok(
          'business-api',
          `业务系统接口 ${place},只在本机`,
          `the API for business systems is at ${place}, this machine only`,
        )
      : ok(
          'business-api',
          `业务系统接口 ${place},经 TLS`,
          `the API for business systems is at ${place}, over TLS`,
        );
  });
  yield await finding('api-keys', async () => {
    const now = new Date();
    const keys = (await listApiKeys(stateDir)).filter((key) => isGood(key, now));
    return keys.length > 0
      ? ok('api-keys', `${keys.length} 个有效的接口密钥`, `${keys.length} good keys of business systems`)
      : skipped(
          'api-keys',
          '还没有有效的接口密钥:qianzhi api-key create SYSTEM --scope SCOPE',
          'no good key of a business system yet: `qianzhi api-key create SYSTEM --scope SCOPE`',
        );
  });
}
