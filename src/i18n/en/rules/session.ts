import type { GroupTexts } from '../../rule-texts.ts';

export const session: GroupTexts<'session'> = {
  'linger-off': {
    title: 'Lingering is off: the services end at logout',
    message: ({ user, units }) =>
      `Lingering is off for ${user}: ${units.length === 1 ? units.join('') : `${units.length} services`} will end at logout`,
    why: () =>
      'Without lingering the user manager stops with the last session and takes every service with it; after a reboot none starts until the user logs in.',
    remedy: ({ user }) => `Run "loginctl enable-linger ${user}".`,
  },
};
