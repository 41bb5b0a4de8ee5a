/** The program of the password process: argon2id behind an IPC channel, gone with the process that started it. */
import { argon2id, hash, verify } from 'argon2';
import type { PasswordAnswer, PasswordRequest } from './protocol.js';

/** OWASP's parameters for argon2id: 19 MiB, 2 passes. */
const parameters = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

process.on('message', async ({ password, hash: known }: PasswordRequest) => {
  let answer: PasswordAnswer;
  try {
    answer = {
      answer: known === undefined ? await hash(password, parameters) : await verify(known, password),
    };
  } catch (error) {
    answer = { failed: (error as NodeJS.ErrnoException).code ?? 'argon2' };
  }
  process.send?.(answer);
});
