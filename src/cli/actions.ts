/** The actions of commands that have several. */

/** Actions of `daruma config`; the default is `show`. */
export const configActions = ['show', 'path', 'schema', 'validate'] as const;

/** Actions of `daruma notify`; the default is `status`. */
export const notifyActions = [
  'status',
  'setup',
  'test',
  'send',
  'install',
  'uninstall',
  'mute',
  'unmute',
  'flush',
  'hook',
] as const;

/** Actions of `daruma failover`; the default is `status`. */
export const failoverActions = ['status', 'plan', 'apply', 'check', 'test'] as const;

/** The actions of each of these commands that people are told of. */
export const actionsOf: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['config', configActions],
  ['failover', failoverActions],
  ['notify', notifyActions],
]);
