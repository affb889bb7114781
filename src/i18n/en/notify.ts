import type { ChannelFault } from '../../notify/channel.ts';
import type { FallTimes, NotifyTexts } from '../notify-texts.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const notify: NotifyTexts = {
  hookByHand: 'a hook is called by systemd, not by hand',
  notKept: (unit, cause) => `what happened to ${unit} could not be kept: ${cause}`,
  signsDiscarded: count =>
    `${count === 1 ? 'what a hook wrote of one event was' : `what hooks wrote of ${count} events was`} not complete, and is lost`,
  notHandedOver: (unit, cause) => `nobody waits for ${unit}, the timer will: ${cause}`,
  putAside: file => `the store of messages was damaged and begins anew; the old one is ${file}`,
  storeDamaged: folder =>
    `the store of messages in ${folder} is damaged: what waits is not known; when daruma next writes to it, it begins a new one and keeps this one`,
  storeTooNew: file => `${file} was written by a newer daruma`,
  storeBusy: 'another process holds the store of messages',
  noChannels: 'no channel is configured, so nobody is told anything',
  addChannel:
    '"daruma notify setup" adds Telegram; others go under notify.channels, and "daruma config path" says where',
  delivered: (channel, remark) => `${channel}: delivered${remark === undefined ? '' : `; ${remark}`}`,
  notDelivered: (channel, fault) => `${channel}: not delivered: ${fault}`,
  fault: fault => `${whatFailed(fault)}${fault.detail === '' ? '' : ` (${fault.detail})`}`,
  allDelivered: 'Delivered.',
  nothingWaits: channel => `${channel}: nothing waits`,
  waiting: (channel, count, since) =>
    `${channel}: ${count === 1 ? `1 message waits, of ${since}` : `${count} messages wait, of what happened from ${since} on`}`,
  stranded: (channel, count) =>
    `${channel}: ${count === 1 ? '1 message waits' : `${count} messages wait`} for this channel, which is not configured any more: other channels send ${count === 1 ? 'it' : 'them'} as soon as there are any`,
  notBefore: (first, last, isRest) =>
    last === undefined
      ? `${isRest ? 'the others are ' : ''}not to be told before ${first}`
      : `${isRest ? 'of the others ' : ''}one may be told from ${first} on, all from ${last} on`,
  heldBack: time => `not tried yet: quiet hours until ${time}`,
  notTried: 'not tried yet: the timer does so within a minute, "daruma notify flush" at once',
  asleep: isWaiting =>
    `nothing is told by itself until the manager runs again${isWaiting ? ', and then what waits is: "daruma notify flush" sends what is due at once' : ''}`,
  failed: (attempts, fault, next) =>
    `tried ${attempts === 1 ? 'once' : `${attempts} times`}: ${fault}${next === '' ? '' : `; next try ${next}`}`,
  refused: count =>
    `${count} ${count === 1 ? 'message was' : 'messages were'} refused for good: "daruma notify status --refused" shows why`,
  refusal: (channel, happened, title) => `${channel}, ${happened}: ${title}`,
  noRefusals: 'No message was refused.',
  sendRefusedAgain: 'When the cause is gone: "daruma notify flush --refused" sends them again.',
  wakersStopped: (units, start) =>
    `${units} ${units.includes(',') ? 'do' : 'does'} not run, so what hooks write may be told late or never: "${start}"`,
  noHooks: 'no service has hooks: "daruma notify install" writes them',
  hooksWork: units => `hooks: ${units}`,
  earlierHooks: units => `hooks of an earlier daruma: ${units}; "daruma notify install" replaces them`,
  hooksLeadTo: (units, missing) =>
    `hooks that lead to ${missing}, which is not there: ${units}; "daruma notify install" replaces them`,
  unhookedJobs: (units, words) =>
    `no hooks: ${units}, since a job of a timer or a path unit is meant to end; "daruma notify install ${words}" has its failures told`,
  unhooked: units => `no hooks: ${units}; "daruma notify install" writes them`,
  noSigns: fault => `${fault}: what hooks see is not kept now, and nobody is told of it`,
  signsWait: count =>
    `${count === 1 ? '1 sign of a hook waits' : `${count} signs of hooks wait`} to be taken: "daruma notify flush" does so at once`,
  quietUntil: time => `quiet hours until ${time}`,
  mutedUntil: (unit, time) => `${unit ?? 'everything'}: muted until ${time}`,
  notMuted: unit => `${unit} is not muted`,
  incident: (unit, state, falls, present) =>
    `${unit}: ${presents[present]}${stateText(state, falls)}${fallTimes(falls)}`,
  passingProgram: folder => `this program runs from ${folder}, which does not stay: systemd would lose it`,
  installForGood: 'install it for good: npm install --global daruma',
  alreadyInstalled: 'The hooks and the timer are there already.',
  hookFiles: (services, files) =>
    `Hooks${services === 0 ? '' : ` of ${services === 1 ? '1 service' : `${services} services`}`}, ${files === 1 ? '1 file' : `${files} files`} (--dry-run shows them):`,
  ownUnits: names => `the units that deliver messages: ${names}`,
  notInstalled: 'There are no hooks to take away.',
  unitsOnly: 'hooks are installed on the running machine: give the names of services',
  noTimeout: 'hooks cannot work here: they need timeout(1) with the option -k, mkdir and sync',
  installTools: 'install coreutils, or a BusyBox that has them',
  otherMessenger: (unit, line, receiver, isTakenOut) =>
    `${unit}: ${line} sends a message to ${receiver} itself. With the hooks of daruma people are told twice. ${
      isTakenOut
        ? 'The plan takes it out; undo brings it back.'
        : 'It stays: take it out yourself if daruma is to tell instead.'
    }`,
  unnoticed: {
    failed: unit => `${unit}: has failed, and no hook has told of it: "daruma" shows why`,
    refused: unit =>
      `${unit}: systemd refused its start, since an assertion did not hold, and this was not told: "daruma" shows which`,
    fails: unit =>
      `${unit}: has ended, systemd is about to start it again, and no hook has told of it: "daruma" shows why`,
  },
  missingHooks: {
    inRing: units =>
      `${units}: no ExecStopPost=, since it and other units stop each other, and with one none of them would get up again; a failure is told, a good end is not.`,
    required: units =>
      `${units}: no ExecStartPost=, since other units require it, and with one they would not start when its process ends at once; a fall and what follows it is told, a start without a fall is not.`,
    soleFailureJob: units =>
      `${units}: no OnFailure=, since its OnFailureJobMode= allows no second one; a fall is told by ExecStopPost=, a start that fails before any process runs is not.`,
  },
  remaining: units =>
    `${units}: RemainAfterExit=yes keeps it active once its commands have ended; a start that fails is told, and not what becomes of what its commands have started.`,
  longerStarts:
    '"systemctl start" and "restart" now wait for the hook, and fail where a process fails at once (Type=simple, exec, idle).',
  untold: units =>
    `what was seen of ${units} was not told yet, and no longer is: nobody sees what becomes of it without hooks; "daruma status" shows how it is now`,
  stillWaiting: (channel, count) =>
    `${channel}: ${count === 1 ? '1 message waits' : `${count} messages wait`}, and without hooks nothing sends ${count === 1 ? 'it' : 'them'}: "daruma notify flush" does`,
  notForgotten: cause => `what was kept of services that have no hooks could not be forgotten: ${cause}`,
  passingVersion: folder =>
    `An upgrade deletes ${folder}, through which systemd runs daruma. What happens is kept from then on, and told after "daruma notify install".`,
  hookComments: {
    failed: 'Tell when systemd has given it up.',
    started: 'Tell when it is up again.',
    ended: 'Note how it ended.',
  },
};

/** Before the state that was last seen. */
const presents = {
  'as-seen': '',
  runs: 'runs now; when last looked at: ',
  starts: 'systemd is starting it now; when last looked at: ',
  ends: 'it is being stopped now; when last looked at: ',
  halted:
    'its process is there now and does not go on: stopped (SIGSTOP), frozen or debugged; when last looked at: ',
  'does-not-run': 'does not run now; when last looked at: ',
  unknown: 'the manager does not say what it does now; when last looked at: ',
} as const;

const states = {
  down: 'down, not given up',
  starting: 'starting',
  'not-ready': 'did not become ready',
  up: 'up again',
  'stays-down': 'down for good',
  failed: 'failed, to be started again',
  stopped: 'stopped',
} as const;

function stateText(state: keyof typeof states, { count }: FallTimes): string {
  return state === 'starting' && count > 0
    ? 'started again, and whether it holds is not known yet'
    : states[state];
}

function whatFailed(fault: ChannelFault): string {
  return proxyFaultText(fault.proxy, fault.status) ?? ownFault(fault) + throughProxy(fault.proxy);
}

function ownFault({ code, status }: ChannelFault): string {
  switch (code) {
    case 'name-not-found':
      return 'its host name cannot be resolved';
    case 'unreachable':
      return 'its host cannot be reached';
    case 'refused-connection':
      return 'nobody listens there';
    case 'connection-lost':
      return 'the connection broke off';
    case 'timeout':
      return 'no answer in time';
    case 'tls':
      return 'its certificate or its encryption is not accepted';
    case 'proxy':
      return 'the proxy does not let it through';
    case 'too-long':
      return 'its answer has no end';
    case 'unauthorized':
      return `the token or password is not accepted${of(status)}`;
    case 'forbidden':
      return `it may not write there${of(status)}`;
    case 'not-found':
      return `there is no such address${of(status)}`;
    case 'wrong-service':
      return `what answers there is something else${of(status)}`;
    case 'rate-limited':
      return `too many messages at once${of(status)}`;
    case 'server-error':
      return `the other side has a fault of its own${of(status)}`;
    case 'rejected':
      return `the message was not accepted${of(status)}`;
    case 'moved':
      return 'the chat has a new number, which the configuration should have';
    case 'wrong-security':
      return 'no connection; at its port another setting is usual';
    case 'secret-missing':
      return 'a token, a password or an address is missing';
    case 'command-failed':
      return `the command failed${of(status)}`;
    default:
      return code satisfies never;
  }
}

function of(status: number | null): string {
  return status === null ? '' : `, ${status}`;
}

function counts(falls: number, failedStarts: number): readonly string[] {
  return [
    ...(falls > 0 ? [falls === 1 ? '1 fall' : `${falls} falls`] : []),
    ...(failedStarts > 0 ? [failedStarts === 1 ? '1 failed start' : `${failedStarts} failed starts`] : []),
  ];
}

/** When a service fell, or its start failed: once, or first and last. */
function fallTimes({ count, failedStarts, isAtLeast, first, last }: FallTimes): string {
  const how = failedStarts > 0 ? 'its start failed' : 'fell';
  if (count <= 1 && !isAtLeast) return first === undefined ? '' : `, ${how} ${first}`;
  const times = [
    ...(first === undefined ? [] : [`the first ${first}`]),
    ...(last === undefined ? [] : [`the last ${last}`]),
  ];
  return `, ${isAtLeast ? 'at least ' : ''}${[...counts(count - failedStarts, failedStarts), ...times].join(', ')}`;
}
