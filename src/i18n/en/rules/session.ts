import type { GroupTexts } from '../../rule-texts.ts';
import { utcTime } from '../../parts.ts';
import { enableLinger, startAgain, systemctl } from '../../shown-commands.ts';
import { why } from '../notices.ts';

export const session: GroupTexts<'session'> = {
  'service-down': {
    title: 'A service is down',
    message: ({ how, since, restarts, result, code, status }, { unit }) => {
      if (how === 'never-started') return `${unit} does not run, and its manager has not started it yet`;
      if (how === 'restarting')
        return `${unit} waits for its next restart: it ${why({ result, code, status })}; systemd has restarted it ${restarts} ${restarts === 1 ? 'time' : 'times'} so far`;
      const time = since === null ? '' : ` since ${utcTime(Date.parse(since))}`;
      return `${unit} is down${time}: it ${why({ result, code, status })}${how === 'gave-up' ? ', and systemd has given up' : ''}`;
    },
    why: ({ how }) =>
      how === 'unknown'
        ? 'Whether somebody stopped it cannot be seen, so daruma does not start it.'
        : how === 'ended'
          ? 'It ended without an error, and no Restart= asks for it back. It may be meant to end, so daruma does not start it.'
          : how === 'never-started'
            ? 'It is enabled or meant to run all the time; perhaps it was only installed, or its start was skipped.'
            : 'Nobody stopped it, and systemd does not start it again by itself.',
    remedy: ({ how }, { unit, ...manager }) =>
      how === 'ended'
        ? `If it should run all the time, write Restart=always and RestartSec=5 in [Service] and StartLimitIntervalSec=0 in [Unit], and start it: "${startAgain(manager, unit, false)}". If it is meant to end, write Type=oneshot.`
        : `Start it: "${startAgain(manager, unit, how === 'gave-up')}".`,
  },
  'linger-off': {
    title: 'Lingering is off: the services end at logout',
    message: ({ user, units }) =>
      `Lingering is off for ${user}: ${units.length === 1 ? units.join('') : `${units.length} services`} will end at logout`,
    why: () =>
      'Without lingering the user manager stops with the last session and takes every service with it; after a reboot none starts until the user logs in.',
    remedy: ({ user }) => `Run "${enableLinger(user)}".`,
  },
  'not-enabled': {
    title: 'Nothing starts the service at boot',
    message: () => 'Nothing starts it at boot',
    why: () => 'After a reboot it stays down until somebody starts it by hand.',
    remedy: ({ isInstallable, target }, { unit, ...manager }) =>
      isInstallable
        ? `Run "${systemctl(manager, 'enable', unit)}".`
        : `Add [Install] with WantedBy=${target}, then run "${systemctl(manager, 'enable', unit)}".`,
  },
  'wanted-by-missing-target': {
    title: 'Enabled for a target that its manager never starts',
    message: ({ target, problem, isEnabled }, { scope }) =>
      `${isEnabled ? 'It is enabled' : 'It would be enabled'} for ${target}, which ${problem === 'missing' ? `a ${scope} manager does not have` : 'nothing starts'}`,
    why: () => '"enable" reports success, and no boot starts the service.',
    remedy: ({ instead, isEnabled }, { unit, ...manager }) =>
      `Write WantedBy=${instead}, then run "${systemctl(manager, isEnabled ? 'reenable' : 'enable', unit)}".`,
  },
  'ordering-on-system-unit': {
    title: 'A user unit names a unit of the system manager',
    message: ({ directive, other }) => `${directive}=${other}: a user manager has no such unit`,
    why: ({ directive, isRequired }) =>
      isRequired
        ? `${directive}= a unit that is not there makes every start fail.`
        : 'The name has no effect: the service may start before the network, or whatever is meant, is there.',
    remedy: ({ other }) =>
      `Take ${other} out of the line. With Restart=always, RestartSec=5 and StartLimitIntervalSec=0 the service tries again until what it needs is there.`,
  },
  masked: {
    title: 'The unit is masked',
    message: ({ path }) => `It is masked by ${path}`,
    why: () => 'Nothing can start it: neither a boot, nor another unit, nor a person.',
    remedy: (_, { unit, ...manager }) =>
      `If that was not meant, run "${systemctl(manager, 'unmask', unit)}".`,
  },
  'daemon-reload-needed': {
    title: 'The files have changed since the manager read them',
    message: () => 'Its files have changed since the manager read them',
    why: () =>
      'Until then the manager goes by the old settings, also when it restarts the service after a fall.',
    remedy: (_, manager) => `Run "${systemctl(manager, 'daemon-reload')}".`,
  },
  'restart-needed': {
    title: 'The process is older than its settings',
    message: ({ file }) => `The process was started before ${file} was changed`,
    why: () =>
      'Its command line, environment and limits may still be the old ones; a mistake in the new ones shows only at the next restart.',
    remedy: (_, { unit, ...manager }) =>
      `Restart it at a good moment: "${systemctl(manager, 'restart', unit)}".`,
  },
  'system-only-setting': {
    title: 'A setting that takes more than a user manager may do',
    message: ({ directive, value, status }) => `With ${directive}=${value} every start fails with ${status}`,
    why: () => 'A user manager has no privileges to give: the service fails before its program runs.',
    remedy: ({ directive }) => `Take ${directive}= out, or make it a system service.`,
  },
};
