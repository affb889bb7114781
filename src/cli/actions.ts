/** What the commands that have actions can be asked for. */

/** What `daruma config` can be asked for; `show` where nothing is said. */
export const configActions = ['show', 'path', 'schema', 'validate'] as const;

/** What `daruma notify` can be asked for; `status` where nothing is said. */
export const notifyActions = [
  'status',
  'test',
  'send',
  'install',
  'uninstall',
  'mute',
  'unmute',
  'flush',
  'hook',
] as const;

/** What `daruma failover` can be asked for; `status` where nothing is said. */
export const failoverActions = ['status', 'plan', 'apply', 'check', 'test'] as const;
