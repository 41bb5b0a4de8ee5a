import { connect } from 'node:net';
import { systemReason, throwIfCancelled } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import { type DoctorFinding, ok } from './finding.js';

const DEADLINE_MS = 5_000;

/** Whether a place takes connections. Throws QZ_AGENT_PORT_CLOSED. */
export function checkPort(
  check: string,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<DoctorFinding> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const fail = (cause: unknown) => {
      socket.destroy();
      try {
        throwIfCancelled(signal, 'doctor');
        reject(agentErrors.PORT_CLOSED({ host, port, reason: systemReason(cause) }, cause));
      } catch (cancelled) {
        reject(cancelled);
      }
    };
    socket.setTimeout(DEADLINE_MS, () => fail({ code: 'ETIMEDOUT' }));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.destroy();
      resolve(ok(check, `${host}:${port} 可连接`, `${host}:${port} takes connections`));
    });
  });
}
