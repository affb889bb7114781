import type { ListensOnAllInterfaces } from '../../../check/rules/listens-on-all-interfaces.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { systemctl, whoListens } from '../../shown-commands.ts';

export const ports: GroupTexts<'ports'> = {
  'port-conflict': {
    title: 'Two services want the same port',
    message: ({ port, file, others, moreOthers }) =>
      `Wants port ${port}${file === null ? '' : ` (from ${file})`}, which ${wants(others, moreOthers)} as well`,
    why: ({ givenUp, moreGivenUp = 0 }, { unit }) =>
      `Whichever starts first gets it; the other cannot listen and exits at every start. ${
        givenUp.length === 0
          ? 'systemd starts it again and again, to no avail.'
          : `systemd soon gives ${givenUp.includes(unit) && givenUp.length === 1 ? 'this one' : [...givenUp, ...more(moreGivenUp)].join(' or ')} up for good, even if the port is free later.`
      }`,
    remedy: ({ others }, manager) =>
      `Give one of them another port, or give up the one that is not needed: "${systemctl(manager, ['disable', '--now'], ...others)}", then delete its file.`,
  },
  'port-silently-random': {
    title: 'A service listens on a random port when its own is taken',
    message: ({ service, port, now }) =>
      now.kind === 'rivals'
        ? `${service} wants port ${port}, which ${wants(now.units, now.moreUnits)} as well`
        : `${service} listens on ${now.ports.length === 1 ? 'port' : 'ports'} ${now.ports.join(', ')} instead of ${port}`,
    why: ({ service, port, now }) =>
      now.kind === 'rivals'
        ? `If ${service} starts second, it goes to a random port and says nothing: systemd calls it active, no Restart= applies, and whoever asks port ${port} gets another program.${ifFirst[now.ifFirst]}`
        : `Port ${port} was taken when it started, so it went to a random one. systemd calls it active and nothing restarts it; whoever asks port ${port} gets another program, or nobody.`,
    remedy: ({ service, port, now }, { unit, ...manager }) =>
      now.kind === 'rivals'
        ? `Give one of them another port. On any port but ${port}, ${service} exits when it is taken, and systemd sees that.`
        : `Find out who has the port ("${whoListens(port)}"), stop or move it, then run "${systemctl(manager, 'restart', unit)}".`,
  },
  'listens-on-all-interfaces': {
    title: 'Other machines can use the service without a key',
    message: ({ service, port, exposure }) => exposures[exposure].message(service, port),
    why: ({ exposure, service, newerRefuse }) =>
      `${exposures[exposure].why}${newerRefuse ? ` Newer versions of ${service} refuse to start without a key.` : ''}`,
    remedy: ({ loopback, setBy, file, keyVariable }) =>
      [
        loopback === null ? 'Let it listen on loopback alone' : loopbackRemedy(loopback, setBy, file),
        ...(keyVariable === null
          ? []
          : [`or set ${keyVariable} in a file of mode 0600 that EnvironmentFile= names`]),
      ].join(', ') + '.',
  },
};

function wants(units: readonly string[], moreUnits = 0): string {
  return `${[...units, ...more(moreUnits)].join(' and ')} ${units.length === 1 ? 'wants' : 'want'}`;
}

/** What is counted, and not named. */
function more(count: number): readonly string[] {
  return count === 0 ? [] : [`${count} more`];
}

const exposures = {
  token: {
    message: (service: string, port: number) =>
      `${service} gives its token to anyone who can reach port ${port}`,
    why: 'It listens on all interfaces and asks for nothing: whoever fetches the token uses the account behind it.',
  },
  use: {
    message: (service: string, port: number) =>
      `Anyone who can reach port ${port} can use ${service}: it asks for no key`,
    why: 'It listens on all interfaces: other machines can use it at your expense, and keep it too busy for you.',
  },
  control: {
    message: (service: string, port: number) =>
      `Anyone who can reach port ${port} is an administrator of ${service}`,
    why: 'It listens on all interfaces with its login switched off: other machines can read and change all it has.',
  },
} as const;

function loopbackRemedy(
  loopback: NonNullable<ListensOnAllInterfaces['loopback']>,
  setBy: ListensOnAllInterfaces['setBy'],
  file: string | null,
): string {
  const purpose = 'so that it listens on loopback alone';
  if (loopback.kind === 'option') return `Write ${loopback.option} in ExecStart=, ${purpose}`;
  const assignment = `${loopback.name}=${loopback.value}`;
  if (setBy === 'command') return `Write ${assignment} in ExecStart=, ${purpose}`;
  return file === null
    ? `Set Environment=${assignment} in [Service], ${purpose}`
    : `Write ${assignment} in ${file}, ${purpose}`;
}

/** What happens to the other services when this one starts first. */
const ifFirst = {
  dodge: ' If it starts first, that happens to the other.',
  fail: ' If it starts first, the other cannot listen.',
  listen: '',
} as const;
