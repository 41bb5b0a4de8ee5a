export { platformErrors } from './errors.js';
