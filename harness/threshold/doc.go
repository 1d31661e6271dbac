// Package threshold judges figures by conditions that users set: --fail-if 'for-update: p99 > 50ms', --fail-if 'ops/s < 0.8 * baseline',
// --fail-if 'new violation'. In go the conditions as they were typed and the rows of a result, and of a baseline, as Row; out comes an
// Outcome for each condition. A newcomer starts at Parse and Judge; metric.go has the figures that there are.
package threshold
