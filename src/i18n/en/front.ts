import type { NoFront } from '../../failover/front/plan.ts';
import type { FrontPlaceNow, FrontTexts } from '../front-texts.ts';
import { describeLinkFault } from '../parts.ts';
import { links } from './links.ts';
import { span } from './span.ts';

export const front: FrontTexts = {
  units: {
    head: 'By daruma failover apply --front; "daruma undo" takes it back.',
    service: "LiteLLM of this machine, or of another where it doesn't answer (HAProxy)",
    socket: 'The address of the front before LiteLLM',
    soon: 'requests wait for it',
    watched: 'HAProxy ends itself when one of its threads is stuck',
    moves: 'Note for daruma which machine the front asks',
  },
  noFront: why => `Without a front another machine answers only once OpenClaw falls back: ${why}`,
  noHaproxy: 'the front is HAProxy, and there is no haproxy here, neither on the PATH nor in /usr/sbin',
  getHaproxy:
    "install it: sudo apt install haproxy, or your distribution's command. Its own system service is not needed: sudo systemctl disable --now haproxy",
  oldHaproxy: (version, oldest) =>
    `the front needs HAProxy ${oldest} or later, and this one ${version === undefined ? 'says no version' : `is ${version}`}`,
  getNewer: oldest => `haproxy.org/download lists packages of ${oldest} and later for your distribution`,
  portTaken: port =>
    `another program has port ${port}, which is that of the front, and the front does not run`,
  freePort: port =>
    `"ss -ltnp sport = :${port}" names it. End it, then: systemctl --user restart daruma-front.socket daruma-front.service; nothing was changed`,
  refused,
  unwritableKey: 'a key does not fit in one line',
  rejected: said => `HAProxy does not take the configuration of the front: ${said}`,
  rejectedHint: isEdited =>
    isEdited
      ? 'nothing was changed. The file was edited by hand and is kept; remove it, and it is written anew'
      : 'nothing was changed',
  accepted: version =>
    `The configuration of the front: accepted by HAProxy${version === undefined ? '' : ` ${version}`}.`,
  note: each => {
    switch (each.code) {
      case 'edited':
        return `${each.file}: edited by hand, and kept as it is; remove it, and it is written anew`;
      case 'missing':
        return `${each.file} is missing, and without it HAProxy does not start: it is written anew; an undo of that takes it away again`;
      case 'no-hooks':
        return `${each.unit} gets no hooks by this, which other services have: next, "daruma notify install" gives it some, so that its falls are told`;
      case 'address':
        return `${each.node}: its address under nodes: is a number, and HAProxy looks for a name in the certificate; it may not be accepted`;
      case 'other-port':
        return `another program has port ${each.usual}: the front takes ${each.port}`;
      case 'retries':
        return `LiteLLM asks an upstream that fails three times, for some 5 s, before the front hears of it and asks another machine. In ${each.file} "litellm_settings: {num_retries: 0}" spares that, from its next start on`;
      case 'model-missing':
        return `${each.node} lists no model ${each.model}: it cannot stand in for that one (400), and OpenClaw has to fall back`;
      case 'no-stand-in':
        return `${each.node} cannot stand in as it is: ${describeLinkFault(each.fault, links.faults).message}`;
      default:
        return each satisfies never;
    }
  },
  upToDate: url => `The front at ${url}: nothing to change.`,
  alsoThere: command => `and for a front of its own, there: ${command}`,
  forOthers: url => `Other clients use it as well, with the keys that they have: base URL ${url}/v1`,
  answering: (place, local) => {
    if (place === undefined) return `nobody answers${timeOf(local)}`;
    return place === local
      ? `${place.name} is asked${timeOf(place)}`
      : `${place.name} is asked in place of ${local?.name ?? ''}, which is down${timeOf(local)}`;
  },
  counted: seconds => `in ${span(seconds)}: `,
  startsAgain: command => `to start it, with its socket: ${command}`,
  notRead: (file, command) => `${file} was changed after HAProxy had read it: ${command}`,
  requests: ({ name, requests, failed }) =>
    `${requests} ${requests === 1 ? 'request' : 'requests'} to ${name}${failed === 0 ? '' : `, ${failed} without a good answer`}`,
  hangs: command => `HAProxy hangs, and nothing starts it again by itself: ${command}`,
  outdated: files =>
    `not as nodes: and openclaw.json have it by now (${files.join(', ')}): daruma failover apply`,
  unfit: ({ name, said, ...place }) =>
    `${name} fails the checks of the front${timeOf(place)}${said === undefined ? '' : `: ${said}`}`,
  reread: 'HAProxy has read the configuration of the front again.',
  asked: (url, answer) => `The front at ${url}: ${answer}.`,
};

/** For how long it has been as it is. */
function timeOf(place: Pick<FrontPlaceNow, 'forSeconds'> | undefined): string {
  return place?.forSeconds === undefined ? '' : `, for ${span(place.forSeconds)}`;
}

function refused(reason: NoFront): ReturnType<FrontTexts['refused']> {
  switch (reason.code) {
    case 'no-litellm':
      return {
        message:
          'a front stands before the LiteLLM of this machine, and there is no service of LiteLLM with a known port here',
        hint: '"daruma new litellm" makes one',
      };
    case 'several-litellms':
      return {
        message: `a front stands before one LiteLLM, and here are several: ${reason.names.join(', ')}`,
        hint: 'let the agents ask one of them',
      };
    case 'no-port':
      return { message: 'the ports 4010 to 4029 are all taken', hint: 'free one of them' };
    case 'no-unit-folder':
      return {
        message: 'there is no folder for units: HOME is not set',
        hint: 'run it as the user whose services these are',
      };
    case 'front-key':
      return {
        message: `no key can be read at ${reason.reference}, where that of ${reason.node} should be`,
        hint: 'say where it stands under nodes: key: "file:PATH", "env:NAME" ...; nothing was changed',
      };
    case 'no-authorities':
      return {
        message:
          'this machine has no file of certificate authorities where distributions put it, so no certificate can be checked',
        hint: 'install ca-certificates',
      };
    default:
      return reason satisfies never;
  }
}
