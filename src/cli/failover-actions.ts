/** What `daruma failover` can be asked for; `status` where nothing is said. */
export const failoverActions = ['status', 'plan', 'apply', 'check', 'test'] as const;
