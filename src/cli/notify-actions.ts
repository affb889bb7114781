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
