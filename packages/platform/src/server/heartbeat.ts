import { TUNNEL_PING_MS } from '@qianzhi/model';
import type { WebSocket } from 'ws';

const SILENT_PINGS = 3;

/** Pings as long as the socket is open; one that is silent for three pings is cut off. */
export function keepAwake(socket: WebSocket): void {
  let unanswered = 0;
  const pinging = setInterval(() => {
    if (unanswered >= SILENT_PINGS) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, TUNNEL_PING_MS);
  const heard = () => {
    unanswered = 0;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  socket.on('close', () => clearInterval(pinging));
}
