export { openWindow, WINDOW_ROWS, type Window } from './window.js';
