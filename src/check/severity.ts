/** How bad a finding is. */

/** The severities from the least to the worst. */
export const severities = ['info', 'warning', 'critical'] as const;
/**
 * `critical`: the service will stay down after a common fall, a secret is readable for others, requests go round in a
 * circle, or systemd will refuse the next start.
 */
export type Severity = (typeof severities)[number];
