/** Liveness, readiness and metrics of one process over HTTP; loaded only where its config names a port. */
export { monitorErrors } from './errors.js';
export { createMetrics, type Metrics, type Sample } from './metrics.js';
export { type Monitor, type MonitorOptions, openMonitor, type Part } from './monitor.js';
