import type { GatewayNote } from '../../failover/gateway-edits.ts';
import type { RefusedReason } from '../../failover/plan.ts';
import type { ShipFault } from '../../failover/ship.ts';
import type { Answering } from '../../failover/standing.ts';
import type { UnclearReference } from '../../services/openclaw-models.ts';
import type { FailoverTexts } from '../failover-texts.ts';
import { describeLinkFault } from '../parts.ts';
import { contentText } from './content.ts';
import { front } from './front.ts';
import { links } from './links.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const failover: FailoverTexts = {
  front,
  noNodes: 'the configuration names no machines that could stand in for each other',
  addNodes:
    'add them: nodes: [{name: neko, url: "https://neko.example.com/litellm", key: "file:~/neko.key"}, {name: kuma, ...}]; "daruma config path" says where',
  notANode: host => `this machine is called ${host}, and nodes: has no machine of that name`,
  nodesAre: names => `they are ${names}; a node's name is the host name of its machine`,
  noOtherNode: node => `nodes: names ${node} alone, which is this machine`,
  addAnother: 'add the machine that is to stand in for it',
  plainHttp: (node, url) =>
    `the address of ${node}, ${url}, is not encrypted: whoever is on the way reads the key`,
  useHttps: 'use https:// and a name with a certificate; "daruma failover plan" shows the web server for it',
  noGateway: 'there is no configuration of OpenClaw here',
  gatewaySought: 'it is looked for where the services of OpenClaw read it, else in ~/.openclaw/openclaw.json',
  refused,
  refusedHint: (code, validation) => {
    const hint = refusedHints[code];
    return typeof hint === 'string' ? hint : hint(validation);
  },
  note,
  giveKey: 'say where it stands under nodes: key: "file:PATH", "env:NAME" ...; nothing was changed',
  upToDate: file =>
    `${file}: nothing to add; the agents that ask the proxy of this machine fall back to the other machines.`,
  onMachine: (node, since) => `On ${node}, beside what is there (for OpenClaw ${since} or later):`,
  shipIt: command => `or from here, over ssh: ${command}`,
  inConfiguration: file => `in ${file}`,
  inKeyFile: (file, node) => `in ${file}, with mode 0600, the key that the proxy of ${node} asks for`,
  ownTimeout: seconds =>
    `and "timeoutSeconds": ${seconds} in the provider that leads to its own proxy, if it has none`,
  webServerOf: (node, url) => `The web server of ${node}, for ${url}:`,
  orNginx: 'or with nginx:',
  webServer: {
    caddyFile: 'Caddyfile',
    nginxFile: 'nginx, in http { }',
    onlyThese: 'Only what OpenClaw asks, and the liveness probe.',
    streaming: 'Answers go out word by word.',
    waits: 'A dead LiteLLM is noticed at once; a slow model has its time.',
    size: 'Pictures in a conversation take room.',
    key: 'The key goes on to LiteLLM as it came, and into no log.',
  },
  rejected: (file, said) => `OpenClaw would not take ${file} as it would be: ${said}`,
  rejectedHint: validation =>
    `nothing was changed; put right what "${validation}" says of it as it is, and run it again`,
  notFound: file => `${file}: the openclaw command was not found, so daruma alone has checked it.`,
  notAsked: file => `${file}: OpenClaw gave no verdict on it, so daruma alone has checked it.`,
  accepted: file => `${file}: accepted by "openclaw config validate".`,
  askingGateway: (unit, seconds) =>
    `asking ${unit} what it works with${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  restartingGateway: (unit, seconds) =>
    `restarting ${unit}${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  grip: (gateway, grip, command) => {
    switch (grip) {
      case 'in-force':
        return `${gateway}: in force; the running gateway works with this configuration and has its keys.`;
      case 'cold':
        return `${gateway}: not yet in force; the running gateway lacks a key, and reads its .env only when it starts. Restart it: ${command}`;
      case 'keyless':
        return `${gateway}: not yet in force; the running gateway finds no key where the configuration says. Put that right, then restart it: ${command}`;
      case 'until-restart':
        return `${gateway}: in force until it is restarted; its next start does not take the file of a key as it is now. "${command}" says which.`;
      case 'older':
        return `${gateway}: perhaps not yet in force; its .env was changed after it was started, so it may have an older key. Restart it: ${command}`;
      case 'stale-file':
        return `${gateway}: not yet in force; the file of a key has another key than the running gateway has read from it. Restart it: ${command}`;
      case 'given-otherwise':
        return `${gateway}: not yet in force; the running gateway was started with another value of a key than its unit and its files give now. Restart it: ${command}`;
      case 'other':
        return `${gateway}: not yet in force; the running gateway works with another configuration than its file has now. Restart it: ${command}`;
      case 'reload-off':
        return `${gateway}: not yet in force; with gateway.reload.mode "off" the running gateway keeps the configuration that it has. Restart it: ${command}`;
      case 'refused':
        return `${gateway}: not in force; OpenClaw refuses its file as it is now, and the running gateway works with an earlier one. Do not restart it: it would not start. "${command}" says what is wrong.`;
      case 'since-start':
        return `${gateway}: in force as far as can be seen; this OpenClaw is too old to say what it works with, and was started after its files were last changed.`;
      case 'changed-since':
        return `${gateway}: not yet in force as far as can be seen; its files were changed after it was started, and this OpenClaw reads its keys only then. Restart it: ${command}`;
      case 'unknown':
        return `${gateway}: not yet in force as far as can be seen; the running gateway did not confirm it. If that stays so, restart it: ${command}`;
      case 'next-start':
        return `${gateway}: it is not running as a service and takes this at its next start.`;
      case 'changing':
        return `${gateway}: not yet in force as far as can be seen; the service is just being started or stopped. Ask again when it is up: ${command}`;
      case 'not-seen':
        return `${gateway}: not yet in force as far as can be seen; the service manager did not say whether it runs: ${command}`;
      case 'ended':
        return `${gateway}: not in force; it was restarted and does not run now. Look why: ${command}`;
      default:
        return grip satisfies never;
    }
  },
  restartRefused: (gateway, said, command) =>
    `${gateway}: not yet in force; it could not be restarted (${said}). Restart it yourself: ${command}`,
  restartQuestion: unit => `Restart ${unit} now?`,
  shipped: (destination, id) => `${destination}: done; "daruma undo ${id}" there takes it back.`,
  nothingToShip: destination => `${destination}: nothing to do there.`,
  shipFault: (destination, fault) => `${destination}: ${shipFault(fault)}`,
  shipHint: code => shipHints[code],
  notARequest:
    'this is called by "daruma failover apply --to" from another machine, with a request on standard input',
  sameVersion: 'both machines need the same version of daruma',
  liveOnly: 'requests go out from the running machine, not from files',
  asking: 'asking who is alive ...',
  thisMachine: node => `${node} is this machine`,
  machines: 'Machines',
  own: 'this one',
  defaults: 'all agents',
  gatewayDown: 'does not run',
  turns: { subagents: 'subagents', heartbeat: 'heartbeat' },
  aliveNow: 'is alive',
  next: 'next',
  nobody: 'none of these would answer',
  noNext: 'nobody would be next',
  onlyOne: model => `${model} alone is alive; nobody would be next`,
  noFallback: model =>
    `as long as ${model} hangs, OpenClaw does not fall back: the agent waits, and then fails`,
  answering,
  missing: 'What is missing',
  nothingMissing: (hostName, hasOthers) =>
    `Nothing is missing in the files of ${hostName}${hasOthers ? '; those of the other machines were not read' : ''}.`,
  keyRefused: (provider, place) =>
    `The key of ${provider} is refused. It stands in ${place}. The right one is general_settings.master_key of the LiteLLM that refuses it, or a key made there; that of another machine goes where nodes: says, and then: daruma failover apply. Through a front the LiteLLM here may have refused it, or the one of another machine: "daruma failover check" asks each`,
  notProven: 'No model was asked, and nothing behind a proxy: "daruma failover test" asks for answers.',
  limits:
    'Not in any file, and so not shown: fallbacks that LiteLLM keeps in its database, and those that a request brings along.',
  noModels: 'no agent has a model',
  noModel: 'no model that is known',
  unclear,
  staying: chains => `No model of another machine: ${chains.join(', ')}`,
  unread: {
    missing: 'there is no such file',
    unknown: 'this file could not be read, so its agents are not known',
    unusable: 'this file cannot be parsed, so its agents are not known',
    incomplete: 'parts of this configuration could not be read, so its agents may not all be known',
  },
  notAllKnown: 'its models may not all be known',
  inContainer: line => `in a container, by ${line}`,
};

function refused(reason: RefusedReason): string {
  switch (reason.code) {
    case 'broken':
      return `${reason.file} is not as OpenClaw reads it`;
    case 'unreadable':
      return `${reason.file} cannot be looked into`;
    case 'no-json5':
      return `${reason.file}:${reason.line}: this is no JSON5`;
    case 'link':
      return `${reason.file} is a link to ${reason.target}`;
    case 'scattered':
      return `${reason.file}: ${reason.path.join('.')} is put together from several files`;
    case 'unwritable-variable':
      return `${reason.file}: the value of ${reason.variable} does not fit in one line`;
    case 'not-as-meant':
      return `${reason.file}: what it takes in from other files would change what is added`;
    default:
      return reason satisfies never;
  }
}

const refusedHints: Readonly<Record<RefusedReason['code'], string | ((validation: string) => string)>> = {
  broken: validation => `"${validation}" says all that is wrong; put it right first`,
  unreadable: 'it has to be a file that you may read',
  'no-json5': 'put it right first',
  link: 'daruma writes through no link: put the file itself in the place of the link, run it again, and then move it back and link to it',
  scattered: 'put it into one file, and run it again',
  'unwritable-variable': 'use a key without line ends and quotes',
  'not-as-meant': 'put models.providers and agents into one file, and run it again',
};

function unclear(reference: string, reason: UnclearReference['reason']): string {
  switch (reason) {
    case 'variable':
      return `"${reference}" has a variable without a value: which model is meant is not known`;
    case 'form':
      return `"${reference}" names no model: OpenClaw passes over it`;
    case 'alike':
      return `"${reference}": several providers have this name, apart from its case; which one is asked is not known`;
    default:
      return reason satisfies never;
  }
}

function note(each: GatewayNote): string {
  switch (each.code) {
    case 'no-local-primary':
      return `${each.file}: no agent has a model of a proxy of this machine, so there is nothing to fall back from`;
    case 'no-fallbacks-wanted':
      return `${each.file}: the list of fallbacks of ${each.setting} is empty, which means that there are to be none; it stays so. To have some added, take the empty list out`;
    case 'unclear-reference':
      return `${each.file}: ${unclear(each.reference, each.reason)}`;
    case 'no-key': {
      const lack =
        'variable' in each ? `\${${each.variable}} has no value` : `there is no key for ${each.keyFile}`;
      return each.reference === null
        ? `${each.file}: ${lack}, and nodes: names no key for ${each.node}`
        : `${each.file}: ${lack}: no key can be read at ${each.reference}, where that of ${each.node} should be`;
    }
    case 'key-in-store':
      return `${each.file}: the key of ${each.provider} is in OpenClaw's own store, in its auth profile ${each.profile}; it stays there, and was not tried`;
    case 'older-version':
      return each.setting === 'keyFiles'
        ? `${each.file}: OpenClaw ${each.version} does not know keys in files of their own (${each.since} does): new keys go into its .env, which it reads only when it starts, so it has to be restarted`
        : `${each.file}: OpenClaw ${each.version} does not know timeoutSeconds of a provider (${each.since} does), so none is set`;
    case 'unknown-version':
      return `${each.file}: which version of OpenClaw reads it is not known; what is added needs ${each.since} or later`;
    case 'other-key':
      return `${each.file}: ${each.keyFile} has another key than nodes: names for ${each.node}. It is not from there, so it stays as it is; "daruma failover check" asks which one is accepted`;
    case 'version-missing':
      return `${each.file}: the baseUrl of ${each.provider} lacks /v1, without which OpenClaw's requests miss the models: it becomes ${each.better}`;
    case 'no-variable':
      return `${each.file}: the apiKey of ${each.provider} looks like a variable, but OpenClaw takes it for the key as it is written (only \${NAME} in capitals is replaced); nodes: names no key for it`;
    default:
      return each satisfies never;
  }
}

function shipFault(fault: ShipFault): string {
  switch (fault.code) {
    case 'no-destination':
      return 'this is no destination for ssh';
    case 'no-ssh':
      return 'there is no ssh command here';
    case 'not-connected':
      return `ssh could not get there: ${fault.said}`;
    case 'no-daruma':
      return 'there is no daruma command there';
    case 'too-old':
      return 'the daruma there is of another version';
    case 'timeout':
      return `no answer within ${fault.seconds} s`;
    case 'refused':
      return fault.message;
    case 'no-answer':
      return `daruma did not answer there (exit status ${fault.status})${fault.said === '' ? '' : `: ${fault.said}`}`;
    default:
      return fault satisfies never;
  }
}

const shipHints: Readonly<Record<ShipFault['code'], string>> = {
  'no-destination': 'write USER@HOST, or a name of your ssh configuration',
  'no-ssh': 'install the OpenSSH client',
  'not-connected': 'it must work without a question: a key, and a host that is known',
  'no-daruma': 'install it there, where a login shell finds it: npm install --global daruma',
  'too-old': 'both machines need the same version of daruma',
  timeout: 'look there with "daruma undo --list" whether anything was done',
  refused: 'nothing was changed there',
  'no-answer': 'try "daruma failover plan" there',
};

function answering(each: Answering): string {
  switch (each.kind) {
    case 'answers':
      return `alive, in ${each.afterSeconds.toFixed(2)} s${each.refused === undefined ? '' : `, but its ${each.refused.path} ${each.refused.status === null ? 'does not' : `with ${each.refused.status}`}: its token may be refused`}`;
    case 'silent':
      if (each.mismatch !== undefined) {
        const { expected, came } = each.mismatch;
        if (came.kind === 'page') return `what answers is ${contentText(came)} (${each.status ?? ''})`;
        return `answers ${each.status ?? ''}, but with ${contentText(came)}, where "${expected}" should be`;
      }
      return (
        proxyFaultText(each.proxy, each.status) ?? silences[each.code](each.status) + throughProxy(each.proxy)
      );
    case 'lists':
      return `lists its models in ${each.afterSeconds.toFixed(2)} s`;
    case 'faulty':
    case 'unclear':
      return describeLinkFault(each.fault, links.faults).message;
    case 'not-running':
      return `does not run${each.isTaken ? '; another program answers on its port' : ''}`;
    case 'other-port': {
      const { listensOn, isTaken } = each;
      const instead = listensOn.length === 0 ? '' : `; it listens on ${listensOn.join(', ')}`;
      return `runs, but ${isTaken ? 'another program has its port' : 'nobody listens on its port'}${instead}`;
    }
    case 'not-asked':
      return 'not asked';
    default:
      return each satisfies never;
  }
}

const silences: Readonly<
  Record<Extract<Answering, { readonly kind: 'silent' }>['code'], (status: number | null) => string>
> = {
  'name-not-found': () => 'its name cannot be resolved',
  unreachable: () => 'cannot be reached',
  'refused-connection': () => 'nobody listens there',
  'connection-lost': () => 'the connection broke off',
  timeout: () => 'says nothing in time',
  tls: () => 'its certificate is not accepted',
  proxy: () => 'the proxy does not let it through',
  'too-long': () => 'what answers there is something else',
  unwell: status => `answers ${status}`,
};
