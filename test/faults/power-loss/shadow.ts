import { fileURLToPath } from 'node:url';
import { buildPreload, preloadMissing } from '../preload.js';

const source = fileURLToPath(new URL('./shadow.c', import.meta.url));

export const shadowMissing = () => preloadMissing(source);
export const shadowLibrary = () => buildPreload(source);
