/** How bad a finding is. */

/** From the least to the worst. */
export const severities = ['info', 'warning', 'critical'] as const;
/**
 * `critical`: it will stay down after a common fall, a secret is open to others, requests circle, or the next start is
 * refused.
 */
export type Severity = (typeof severities)[number];
