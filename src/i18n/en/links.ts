import type { KeyHome } from '../../failover/live/link.ts';
import type { LinkFault } from '../../failover/live/link-fault.ts';
import type { LinkTexts } from '../link-texts.ts';
import { day } from '../parts.ts';
import { contentText } from './content.ts';
import { proxyFaultText, throughProxy } from './proxies.ts';

export const links: LinkTexts = {
  faults: {
    'address-invalid': {
      message: ({ address }) =>
        `Its address${address === '' ? '' : ` "${address}"`} is none that can be asked`,
      why: () => 'Every request to it fails before it leaves the machine.',
      remedy: () => 'Write it as https://HOST/PATH/v1.',
    },
    'plain-http': {
      message: ({ host, sendsKey }) =>
        `It is asked over plain HTTP at ${host}${sendsKey ? ', and the key goes along' : ''}`,
      why: ({ sendsKey }) =>
        `Everybody on the way reads the questions and the answers${sendsKey ? ', takes the key, and asks at your expense' : ''}.`,
      remedy: () =>
        'Put a web server with a certificate in front of it; "daruma failover plan" writes a Caddyfile and a snippet for nginx.',
    },
    unreachable: {
      message: ({ host, how, detail, proxy }) =>
        `${host} cannot be reached: ${proxyFaultText(proxy, null) ?? notReached[how] + throughProxy(proxy)}${aside(detail)}`,
      why: ({ isOwnMachine }) =>
        isOwnMachine
          ? 'It is the public address of this very machine: many routers do not lead there from the inside, and then this says nothing.'
          : 'Whoever depends on it gets no answer, now and when it is needed most.',
      remedy: ({ how, isOwnMachine }) =>
        isOwnMachine ? 'Run "daruma failover check" on another machine.' : whatToReach[how],
    },
    hangs: {
      message: ({ host, phase, afterSeconds, proxy }) =>
        `${host} ${silences[phase]} within ${afterSeconds} s${throughProxy(proxy)}`,
      why: () => 'OpenClaw does not fall back from a provider that hangs: the agent waits, and then fails.',
      remedy: ({ limit }) =>
        `See what the service there does: it may be stopped, out of memory, or waiting for its own upstream.${limit === 'missing' ? ' With timeoutSeconds in the provider, agents wait less long; it brings no fallback.' : ''}`,
    },
    'tls-failed': {
      message: ({ host, detail, proxy }) =>
        `No encrypted connection to ${host} comes about${aside(detail)}${throughProxy(proxy)}`,
      why: () => 'Every request to it fails.',
      remedy: () =>
        'See that the port speaks HTTPS, with TLS 1.2 or newer; a proxy itself usually speaks HTTP alone, behind a web server.',
    },
    'certificate-refused': {
      message: ({ host, problem, issuer, isKnownToMachine }) =>
        isKnownToMachine
          ? `OpenClaw does not accept the certificate of ${host}, by ${issuer}, though the machine does`
          : `The certificate of ${host} is not accepted: ${refusals[problem](issuer)}`,
      why: ({ isKnownToMachine }) =>
        isKnownToMachine
          ? 'Node has a list of authorities of its own and does not look into that of the machine: every request of the gateway fails.'
          : 'Every request to it fails, for nobody vouches that it is the machine that is meant.',
      remedy: ({ problem, isKnownToMachine }) =>
        isKnownToMachine
          ? "Add Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt to the gateway's unit, and restart it."
          : problem === 'incomplete-chain'
            ? 'Have the web server send the whole chain: fullchain.pem, not cert.pem.'
            : "Get a certificate of a public authority (Caddy and certbot do so for nothing), or name your authority's file in NODE_EXTRA_CA_CERTS in the gateway's unit.",
    },
    'certificate-expired': {
      message: ({ host, sinceMs }) => `The certificate of ${host} expired on ${day(sinceMs)}`,
      why: () => 'Every request to it fails.',
      remedy: () =>
        'Renew it, and see why that did not happen by itself: "systemctl list-timers", "certbot renew".',
    },
    'certificate-not-yet-valid': {
      message: ({ host, fromMs }) => `The certificate of ${host} is not valid before ${day(fromMs)}`,
      why: () => 'Every request to it fails until then.',
      remedy: () => 'Look at the clocks of both machines ("timedatectl"): one of them is likely wrong.',
    },
    'certificate-wrong-name': {
      message: ({ host, names }) => `The certificate shown for ${host} is for ${names.join(', ')}`,
      why: () => 'Every request to it fails, for another machine may be answering.',
      remedy: ({ host }) => `Use the name that the certificate is for, or get one for ${host}.`,
    },
    'certificate-expires-soon': {
      message: ({ host, untilMs, days }) =>
        `The certificate of ${host} expires on ${day(untilMs)}, in ${daysText(days)}`,
      why: () => 'It should have been renewed by now: what renews it does not run, or fails.',
      remedy: () =>
        'Look at what renews it: "systemctl list-timers", "certbot renew --dry-run", the log of Caddy.',
    },
    redirected: {
      message: ({ host, status, to, isOtherHost }) =>
        `${host} leads on to ${to === '' ? 'an unknown place' : to}${isOtherHost ? ', which is another host' : ''} (${status}); that was not followed`,
      why: ({ isOtherHost }) =>
        isOtherHost
          ? 'A request that is sent on loses its key, or hands it to somebody else.'
          : 'A question that is sent on may arrive as a GET without its text.',
      remedy: ({ to, isOtherHost }) =>
        isOtherHost
          ? 'If a login is there, no agent can pass it: whatever stands in front must let the path of the models through without. If the models have moved there, write their address.'
          : `Write the address that answers itself${to === '' ? '' : `: it is likely below ${to}`}. A login page in front of the proxy is nothing that an agent can pass.`,
    },
    'key-missing': {
      message: ({ place }) => `Its key is not there: ${place}`,
      why: ({ whose, home }) =>
        keylessMeans[whose] + (home?.of === 'provider' && home.in === 'variable' ? withoutVariable : ''),
      remedy: ({ home }) => keyAdvice(home),
    },
    'key-not-tried': {
      message: ({ place, holder }) => `Its key was not tried: ${keyHolders[holder]} (${place})`,
      why: () => 'Whether it is accepted is not known here; OpenClaw itself has it.',
      remedy: ({ command }) => `Let OpenClaw ask: "${command}" sends real requests.`,
    },
    'key-refused': {
      message: ({ host, status }) => `${host} does not accept the key (${status})`,
      why: () => 'Every request to it fails.',
      remedy: ({ accepted }) =>
        accepted === undefined
          ? 'Compare it with general_settings.master_key of the LiteLLM there, or make a new key there; a key may also be blocked or have run out. That of a node goes where nodes: says, and then: daruma failover apply.'
          : `The key of ${accepted.node} under nodes: is accepted there: put it in the place of this one${accepted.files.length === 0 ? '' : ` (${accepted.files.join(', ')})`}.`,
    },
    'key-readable': {
      message: ({ file, mode }) => `Every user of the machine may read its key in ${file} (mode ${mode})`,
      why: () => 'Any account and any program on the machine can take it and ask at your expense.',
      remedy: ({ file }) => `Run "chmod 600 ${file}"; if others have had access, replace the key.`,
    },
    'open-to-all': {
      message: ({ host }) => `${host} lists its models to anybody`,
      why: () => 'Whoever finds the address can probably ask them, at your expense.',
      remedy: () =>
        'Give the LiteLLM there a master key (general_settings.master_key), and each machine a key.',
    },
    'server-failed': {
      message: ({ host, status, said }) =>
        `${host} reports an error (${status})${said === '' ? '' : `: ${said}`}`,
      why: () => 'Whoever depends on it gets no answer.',
      remedy: ({ status }) =>
        status === 502 || status === 504
          ? 'What answers there does not reach what it asks itself, or waits for it too long: see whether that runs, and on which port.'
          : 'See the log of the service there: the fault may be its own, or that of what it asks itself.',
    },
    'request-refused': {
      message: ({ host, status, said }) =>
        `${host} does not take the request (${status})${said === '' ? '' : `: ${said}`}`,
      why: () => 'Whoever depends on it gets no answer.',
      remedy: () =>
        'See what it says: the model may be called otherwise there ("daruma failover check" names those that it lists), or the path is another one.',
    },
    'rate-limited': {
      message: ({ host }) => `${host} has had too many requests (429)`,
      why: () => 'Whoever falls back to it now may be turned away.',
      remedy: () => 'Try again later; see the limits of the key there.',
    },
    'wrong-service': {
      message: ({ url, status, expected, came }) =>
        `What answers at ${url} is ${expected === 'models' ? 'no list of models' : 'no answer of a model'} (${status}): it is ${contentText(came)}`,
      why: () => 'Something else answers there: a page, or another service.',
      remedy: () => 'See the path: for OpenAI it usually ends in /v1, and a web server must pass it on.',
    },
    'other-program': {
      message: ({ service, host, state, lists }) =>
        `${service} ${state === 'not-running' ? 'does not run' : 'runs, but does not listen on its port'}, and another program answers at ${host}${lists ? '; it lists models' : ''}`,
      why: ({ lists }) =>
        lists
          ? 'What agents ask is not the service that is meant: its unit does not start it again when it ends.'
          : 'Every request to this address goes to that program, which lists no models.',
      remedy: ({ service, host }) =>
        `See what listens there ("ss -ltnp"), end it or give one of the two another port than that of ${host}, and start ${service}.`,
    },
    'version-missing': {
      message: ({ url, status, better }) =>
        `The address lacks /v1: there is no list of models at ${url} (${status}), but one under ${better}`,
      why: () =>
        'OpenClaw puts the path of a request behind the address as it is written, so that requests miss the models.',
      remedy: ({ better }) => `Set baseUrl to ${better}.`,
    },
    'models-not-listed': {
      message: ({ url, status }) => `There is no list of models at ${url} (${status})`,
      why: () => 'Whether it has the models that the chain asks for is not known.',
      remedy: () => '"daruma failover test" finds out with real requests.',
    },
    'credentials-refused': {
      message: ({ service, url, status }) =>
        `${service} runs, but ${url} ${status === null ? 'does not answer' : `answers ${status}`}: those that it asks may refuse its token`,
      why: () =>
        'It lists its models from memory, whether its token is accepted or not. A copilot-api whose token has died ends when it renews it, within half an hour, and no longer starts (run: copilot-api 0.7.0).',
      remedy: () =>
        'Look into its log. For copilot-api, log in anew with "copilot-api auth", and restart it.',
    },
    'model-missing': {
      message: ({ host, model, listed, suggestion }) =>
        `${host} does not list ${model} among its ${listed} models${suggestion === null ? '' : `; did you mean ${suggestion}?`}`,
      why: () => 'As a rule a request for it then fails there, and agents go without it.',
      remedy: () =>
        'Name a model that is listed, or add it to model_list of the LiteLLM there; a key may also be kept from it.',
    },
    slow: {
      message: ({ host, seconds }) => `${host} takes ${seconds} s to list its models`,
      why: () => 'Requests to its models may begin with as much waiting.',
      remedy: () => 'See the load and the memory of the machine there, and the way to it.',
    },
    'answer-cut': {
      message: ({ host, seconds }) =>
        `The answer of ${host} broke off after ${seconds} s, before it was complete`,
      why: () => 'OpenClaw takes an answer without its end for failed.',
      remedy: () =>
        'See the log of the service there, and what stands in front of it: a web server may end answers after a time ("daruma check" reads its files on that machine).',
    },
    'answer-empty': {
      message: ({ host }) => `The answer of ${host} is empty`,
      why: () => 'OpenClaw takes an answer without words for failed, also when its model only thought.',
      remedy: () =>
        'Ask again; if it stays so, see the log of the service there, and whether it knows the model by that name.',
    },
    'answer-stopped': {
      message: ({ host, reason, isOfFilter }) =>
        isOfFilter
          ? `A filter ended the answer of ${host} (${reason})`
          : `The answer of ${host} ended with "${reason}"`,
      why: () => 'OpenClaw takes an answer with this end for failed, also when words came before it.',
      remedy: ({ isOfFilter }) =>
        isOfFilter
          ? 'The test only asks to count to 20: see the content filter that the provider has for this model.'
          : 'See the log of the service there.',
    },
    'answer-may-be-cut': {
      message: ({ server, seconds, waitsSeconds }) =>
        `${server} stands in front: it ends an answer after ${seconds} s of silence, unless it is told otherwise; OpenClaw waits ${waitsSeconds} s`,
      why: () => 'A model that thinks for longer may answer nobody through this address.',
      remedy: ({ server, seconds }) =>
        server === 'nginx'
          ? `Let "daruma check" look at its files on the machine there, or set timeoutSeconds of the provider to ${seconds} or less.`
          : `Set timeoutSeconds of the provider to ${seconds} or less: only an Enterprise plan changes that of Cloudflare.`,
    },
    'events-not-passed': {
      message: ({ host }) => `${host} is a quick tunnel of Cloudflare, which passes no events on`,
      why: () => 'OpenClaw has its answers as events: they come late in one piece, or not at all.',
      remedy: () => 'Use a named tunnel, Tailscale, or a web server with a name of its own.',
    },
    'proxy-crosses': {
      message: ({ from, model, to, circle }) =>
        circle === null
          ? `The proxy of ${from} sends what is asked for ${model} on to ${to}`
          : `Requests for ${model} go round in a circle: ${circle.join(' -> ')}`,
      why: ({ circle }) =>
        circle === null
          ? 'If the proxy there does the same one day, requests circle and multiply when both upstreams are down.'
          : 'When the upstreams are down requests circle and multiply until the machines are busy with nothing else.',
      remedy: ({ from, to }) =>
        `Take the entry that leads to ${to} out of model_list on ${from}: OpenClaw falls back between machines, proxies do not.`,
    },
  },
  provider: id => `provider ${id}`,
  node: name => `node ${name}`,
  answersIn: seconds => `answers in ${seconds} s`,
  answersNot: 'does not answer',
  models: count => (count === 0 ? 'no model' : `${count} ${count === 1 ? 'model' : 'models'}`),
  certificateUntil: (date, days) => `certificate valid until ${date} (${daysText(days)})`,
  staysApart: deployments =>
    deployments === 0
      ? 'shows no deployments: whether it passes requests on to another of your machines, and so in a circle, is not known'
      : deployments === 1
        ? 'its deployment passes no requests on to another of your machines: no circle seen'
        : `its ${deployments} deployments pass no requests on to another of your machines: no circle seen`,
  apartUnknown:
    'does not show where it sends requests: whether to another of your machines, and so in a circle, is not known',
  modelsNotAsked: 'not asked for its models, for want of its key',
  notProven: 'No model was asked: "daruma failover test" asks for answers.',
  asking: count => `asking ${count} ${count === 1 ? 'address' : 'addresses'} ...`,
  summary: (count, critical, warning, info) => {
    if (count === 0) return 'nothing was asked';
    const found = [
      ...(critical > 0 ? [`${critical} critical`] : []),
      ...(warning > 0 ? [`${warning} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
      ...(info > 0 ? [`${info} info`] : []),
    ];
    const asked = `${count} ${count === 1 ? 'link' : 'links'}`;
    return `${asked}: ${found.length === 0 ? 'nothing found' : found.join(', ')}`;
  },
  nothingToAsk:
    'there is nothing to ask: no openclaw.json names a model of a provider, and nodes: in the configuration is empty',
  notAsked: (provider, reason) => `${provider} is not asked: ${notAsked(reason)}`,
};

const withoutVariable = ' Without the variable the gateway may not start at all.';

/** Who goes without, and who does not. */
const keylessMeans = {
  'own-proxy':
    'The OpenClaw here has no key for the proxy of its own machine: where that asks for one, its agents are refused there and go on to their fallbacks. Agents of other machines are not concerned.',
  provider:
    'The OpenClaw here has no key for it: where one is asked for, agents of this machine are refused there.',
  'other-node':
    'No agent needs it: OpenClaw has the keys of its providers. Without it daruma cannot ask for the models there, and "daruma failover apply" has no key to give to OpenClaw.',
  'own-node':
    'No agent of this machine needs it. It is for the OpenClaw of other machines: "daruma failover apply --to" has none to send to one that lacks it.',
} as const satisfies Readonly<Record<Extract<LinkFault, { readonly code: 'key-missing' }>['whose'], string>>;

function keyAdvice(home: KeyHome | undefined): string {
  switch (home?.in) {
    case undefined:
      return 'Put it there.';
    case 'file':
      return `Put the key into ${home.file}: a file of your own, with mode 0600.`;
    case 'nothing':
      return home.of === 'node'
        ? 'Say where it stands, with "key" under nodes: "file:PATH" or "env:NAME".'
        : 'Give the provider an apiKey.';
    case 'variable':
      return home.of === 'node'
        ? `Give ${home.name} a value in the shell, or for all services in a file of environment.d ("man environment.d"), followed by "systemctl --user daemon-reload"; or write the key into a file and name that: "file:PATH".`
        : `Give ${home.name} a value in ${home.file}, mode 0600, and restart the gateway, which reads that file only when it starts.`;
    default:
      return home satisfies never;
  }
}

const keyHolders = {
  openclaw: "it is in OpenClaw's own store",
  program: 'OpenClaw runs a program to get it',
} as const;

const notReached = {
  'name-not-found': 'its host name cannot be resolved',
  'no-route': 'there is no way to it',
  refused: 'nobody listens there',
  'cut-off': 'the connection broke off',
  'no-connection': 'it does not take connections, and does not refuse them',
  proxy: 'the proxy on the way does not let it through',
} as const;

const whatToReach = {
  'name-not-found': 'See the spelling, and the DNS entry of the name.',
  'no-route': 'See whether the machine is on, and the network and the tunnel to it.',
  refused: 'See whether the service there runs, and on which port.',
  'cut-off': 'See the log of the service and of the web server there.',
  'no-connection': 'A firewall usually does this: open the port there, or see whether the machine is on.',
  proxy: 'See whether the proxy runs, and what http_proxy, https_proxy and no_proxy say.',
} as const;

const silences = {
  tls: 'takes the connection, and does not begin to encrypt',
  headers: 'takes the request, and does not answer',
  body: 'begins an answer, and does not go on',
  answer: 'does not come to the end of its answer',
} as const satisfies Record<Extract<LinkFault, { readonly code: 'hangs' }>['phase'], string>;

const refusals = {
  'self-signed': () => 'it vouches for itself',
  'issuer-expired': issuer => `one of those that vouch for it has expired (${issuer})`,
  'incomplete-chain': issuer => `those that vouch for it are not sent along (${issuer})`,
  'unknown-issuer': issuer => `nobody knows ${issuer}, who vouches for it`,
  'not-accepted': issuer => `it is not meant for this, or revoked (${issuer})`,
} as const satisfies Record<
  Extract<LinkFault, { readonly code: 'certificate-refused' }>['problem'],
  (issuer: string) => string
>;

function notAsked(reason: Parameters<LinkTexts['notAsked']>[1]): string {
  switch (reason.code) {
    case 'no-address':
      return 'its address is not in openclaw.json, or depends on a variable that is not set';
    case 'unknown-api':
      return `daruma does not speak ${reason.api}`;
    case 'not-declared':
      return 'openclaw.json does not declare it: OpenClaw knows it by itself, or not at all';
    case 'not-followed':
      return `OpenClaw asks it with ${reason.settings.join(', ')}, which daruma cannot do alike`;
    default:
      return reason satisfies never;
  }
}

function aside(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function daysText(days: number): string {
  if (days === 0) return 'less than a day';
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}
