import type { FailoverAnswerCut } from '../../../check/rules/failover-answer-cut.ts';
import type { FailoverLoop } from '../../../check/rules/failover-loop.ts';
import type { FailoverModelUndeclared } from '../../../check/rules/failover-model-undeclared.ts';
import type { OpenclawConfigInvalid } from '../../../check/rules/openclaw-config-invalid.ts';
import type { KeyFileFault } from '../../../services/openclaw-key-file.ts';
import type { RefusedKey } from '../../../services/litellm-refusals.ts';
import type { ReverseProxy } from '../../../routes/reverse-proxy.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { daruma, systemctl } from '../../shown-commands.ts';
import { isThroughFront, wayRound } from '../../way-round.ts';
import { front } from './front.ts';

export const failover: GroupTexts<'failover'> = {
  'failover-none': {
    title: 'No other machine answers when this one cannot',
    message: ({ nodes, idle, isDeclined }) =>
      `agents.defaults.model has ${isDeclined ? 'an empty list of' : 'no'} fallbacks, although ${idle === null ? `nodes: names ${joined(nodes)}` : `the provider ${idle} on another machine declares the same model`}`,
    why: () =>
      'When the proxy of this machine is down or its upstream cannot be reached, every agent here is without an answer until a person looks.',
    remedy: ({ isDeclined }, { scope }) =>
      isDeclined
        ? `An empty list says that there are to be none, and "${daruma('failover plan', scope)}" leaves it so. If that is not meant, take the list out: then the plan shows the edits for each machine.`
        : `Name models of the other machine in agents.defaults.model.fallbacks. "${daruma('failover plan', scope)}" shows the edits for each machine.`,
  },
  'failover-same-machine': {
    title: 'The fallbacks are on the same machine as what they stand in for',
    message: ({ agent, machine, providers, moreProviders }) =>
      `${ofAgent(agent)} ${agent === null ? 'fall' : 'falls'} back to ${machine === null ? 'this machine' : machine}, where the primary is as well (${listed(providers, moreProviders)})`,
    why: ({ machine }) =>
      `What takes ${machine === null ? 'this machine' : 'that machine'} or its upstream down takes the fallbacks with it.`,
    remedy: (_, { scope }) =>
      `Put a model of another machine among the fallbacks. "${daruma('failover plan', scope)}" shows the edits for each machine.`,
  },
  'failover-plain-http': {
    title: 'Another machine is asked without encryption',
    message: ({ what, name, host, hasKey }) =>
      `${what === 'node' ? 'The node' : 'The provider'} ${name} is asked over plain http at ${host}${hasKey ? ', and its key goes along' : ''}`,
    why: ({ hasKey }) =>
      `Whoever is on the way reads and changes prompts and answers${hasKey ? ', and can take the key and use it' : ''}.`,
    remedy: ({ what }, { scope }) =>
      `Put a reverse proxy with a certificate in front of the proxy there, and write https and its name ${what === 'node' ? 'as url' : 'in baseUrl'}. "${daruma('failover plan', scope)}" has a snippet for Caddy and for nginx.`,
  },
  'failover-answer-cut': {
    title: 'A web server in front of the models ends answers, or holds them back',
    message: details =>
      details.kind === 'cut'
        ? cut(details)
        : `${details.server} holds answers of ${details.service} back until a buffer is full, or the answer complete`,
    why: details =>
      details.kind === 'cut'
        ? cutsWhat[details.server]
        : details.ignoresHeader && details.server === 'nginx'
          ? 'Answers come in one piece at their end. OpenClaw takes the silence before for that of a dead model. LiteLLM asks nginx not to, which proxy_ignore_headers passes over.'
          : 'Answers come in one piece at their end. OpenClaw takes the silence before for that of a dead model.',
    remedy: (details, { scope }) =>
      details.kind === 'cut'
        ? cutRemedy(details, daruma('failover plan', scope))
        : details.server === 'Caddy'
          ? 'Take the line out: Caddy then passes events on as they come.'
          : `Write "proxy_buffering off;" in the location that leads to the models. "${daruma('failover plan', scope)}" has the whole of it.`,
  },
  'failover-not-mutual': {
    title: 'A machine falls back to another that does not fall back to it',
    message: ({ machine }) =>
      `${machine} falls back to this machine, and this machine does not fall back to ${machine}`,
    why: ({ machine }) =>
      `When ${machine} is down this machine is asked in its place; when this one is down, nobody here asks ${machine}.`,
    remedy: ({ machine }, { scope }) =>
      `Put a model of ${machine} among agents.defaults.model.fallbacks here. "${daruma('failover plan', scope)}" shows the edits for each machine.`,
  },
  'failover-loop': {
    title: 'Proxies fall back to each other in a circle',
    message: details => (details.kind === 'circle' ? circle(details) : wayOut(details)),
    why: details =>
      details.kind === 'way-out'
        ? `If LiteLLM there leads back here, as with machines that answer for each other, requests circle between the two once the upstreams fail. Its files are not at hand, or do not say all.`
        : isThroughFront(details.steps)
          ? 'A front refuses what has been through a front (508), unless somebody has edited that out of its configuration. So the request gets no answer where another machine is to stand in.'
          : details.leavesProxy
            ? 'LiteLLM does not know that a request came from a LiteLLM. When no upstream answers, each request goes round and is multiplied by the retries of every step, until the proxies answer nobody.'
            : 'When no upstream answers, one request walks round. Versions of LiteLLM up to the summer of 2026 tried the same models again and again, until their event loop answered nobody (BerriAI/litellm#35303).',
    remedy: details =>
      details.kind === 'circle' && isThroughFront(details.steps)
        ? 'Only clients of its own machine may ask a front. Let whatever leads to it (a web server, a tunnel, an api_base) lead to the LiteLLM behind it.'
        : details.kind === 'circle' && !details.leavesProxy
          ? 'Let the fallbacks of the last model lead nowhere, or to one that has no fallbacks.'
          : 'Take the other machine out of this config.yaml, and let OpenClaw fall back to it: OpenClaw goes through its list once and never circles.',
  },
  'failover-front': front,
  'failover-model-undeclared': {
    title: 'A model is referred to that nobody has',
    message: ({ agent, setting, isPrimary, reference, missing }) =>
      `${setting ?? ofAgent(agent)} ${agent === null && setting === null ? 'have' : 'has'} the ${isPrimary ? 'primary' : 'fallback'} ${reference}, ${whatIsMissing(missing)}${missing.what === 'elsewhere' ? '' : meant(missing.suggestion)}`,
    why: ({ isPrimary }) =>
      isPrimary
        ? 'OpenClaw accepts the configuration and fails at each turn, or goes to the fallbacks at once.'
        : 'OpenClaw accepts the configuration. When the fallback is needed, it is refused, and the turn ends in an error.',
    remedy: ({ missing }) => modelRemedies[missing.what](missing),
  },
  'failover-agent-without-fallbacks': {
    title: 'An agent has a model of its own, and therefore no fallbacks',
    message: ({ agent, setting, primary, isDeclined }) => {
      if (isDeclined)
        return `${setting} has an empty list of fallbacks: nobody is asked when ${primary} fails`;
      return agent === null
        ? `Subagents have the model ${primary} of their own (${setting}), without fallbacks`
        : `The agent ${agent} has the model ${primary} of its own, without fallbacks`;
    },
    why: ({ agent, fallbacks, moreFallbacks, isDeclined }) =>
      `The fallbacks of agents.defaults (${listed(fallbacks, moreFallbacks)}) do not count for ${isDeclined ? 'what has a list of its own' : agent === null ? 'subagents with a model of their own' : 'an agent with a model of its own'}: when that fails, ${agent === null ? 'there' : 'it'} ${agent === null ? 'is' : 'has'} no answer.`,
    remedy: ({ agent, primary, setting, isDeclined }) =>
      isDeclined
        ? 'If that is not meant, write models of another machine into the list, or take the list out.'
        : agent === null
          ? `Write {"primary": "${primary}", "fallbacks": [...]} as ${setting}, or take the model out, so that subagents ask what their agent asks.`
          : `Write {"primary": "${primary}", "fallbacks": [...]} for it, or take its model out so that the defaults hold.`,
  },
  'failover-slow': {
    title: 'The fallback comes late, and after a hang never',
    message: ({ provider }) =>
      `The provider ${provider} has no timeoutSeconds: when its proxy hangs, OpenClaw waits and never falls back`,
    why: () =>
      'OpenClaw waited for more than 9 minutes on a proxy that accepted and did not answer. When connections are refused it tries again for about 105 s before the fallback is asked, in every turn anew.',
    remedy: ({ refusedBy }) =>
      (refusedBy === null
        ? ''
        : `OpenClaw ${refusedBy.version} does not know this setting and would not start with it: update it to ${refusedBy.first} or later first. `) +
      'Set timeoutSeconds (60, say): a turn that hangs then ends, though with an error and without the fallback. Have the proxy probed and restarted, so that a hang becomes a refusal.',
  },
  'failover-variable-unset': {
    title: 'A variable that OpenClaw does not fill in',
    message: ({ provider, setting, written, lacks }) =>
      lacks === 'form'
        ? `${ofProvider(setting, provider)} is written with ${written}, which OpenClaw does not take for a variable`
        : lacks === 'time'
          ? `${ofProvider(setting, provider)} has the variable ${written}, whose own value names a variable: OpenClaw does not have it yet here`
          : `${ofProvider(setting, provider)} has the variable ${written}, to which nothing gives a value`,
    why: ({ lacks, setting }) =>
      lacks === 'form' && setting !== 'model'
        ? 'It takes only names in capitals, and no default: the text goes out as it stands here, braces and all. A proxy that asks for a key refuses it.'
        : setting === 'apiKey'
          ? 'A request goes out without the key, or not at all. A proxy that asks for one refuses it.'
          : 'OpenClaw starts all the same, with the text as it stands here, braces and all.',
    remedy: ({ name, lacks, file }) =>
      lacks === 'form'
        ? `Write \${${name}}, and the value into ${file} under this name.`
        : lacks === 'time'
          ? `Write the value of ${name} in full into the section env, or here.`
          : `Write "${name}=" and the value into ${file}, and restart the gateway, which reads it only when it starts.`,
  },
  'failover-key-hidden': {
    title: 'A variable has another value in a file that OpenClaw passes over',
    message: ({ name, provider, setting, file, hidden }) =>
      `${ofProvider(setting, provider)} uses ${name}: its value in ${file ?? 'the environment of the manager'} counts, and ${joined(hidden)} has another`,
    why: () =>
      'Variables of the service come first, also those that its manager passes on to all services; then the .env of OpenClaw, its gateway.env, and last the section env. A key that is changed in one of the later places stays the old one.',
    remedy: ({ name, file, byManager, hidden }, manager) => {
      const out =
        file === null
          ? `take ${name} out of what sets it at a login, and out of the manager: "${systemctl(manager, 'unset-environment', name)}"`
          : `take ${name} out of ${file}${byManager ? `, then "${systemctl(manager, 'daemon-reload')}"` : ''}`;
      return `Keep the right one: if it is that in ${joined(hidden)}, ${out}, and restart the gateway.`;
    },
  },
  'failover-key-refused': {
    title: 'OpenClaw does not take the file of a key',
    message: ({ provider, file, fault, mode }) =>
      keyFileFaults[fault](`The key file ${file} of the provider ${provider}`, mode),
    why: () =>
      'A gateway that runs keeps the key that it read. After its next start it has none for this provider, which then refuses the agents.',
    remedy: ({ file, fault }) =>
      fault === 'open'
        ? `Let only its owner read it: "chmod 600 ${file}".`
        : `Write the key into ${file} itself, a file of the gateway's user with mode 0600.`,
  },
  'failover-key-unread': {
    title: 'The gateway was started before its keys were changed',
    message: ({ file, variables, moreVariables }) =>
      file === null
        ? `The gateway was started with another value of ${listed(variables, moreVariables)} than its unit and its files give now`
        : `The gateway was started before ${file} was changed: it may not have ${listed(variables, moreVariables)} as it is there`,
    why: ({ file }) =>
      `${file === null ? 'The environment of a process is fixed at its start' : 'OpenClaw reads this file only when it starts'}. The provider whose key is missing or old refuses the agents, which shows only when they need it.`,
    remedy: (_, { unit, ...manager }) =>
      `Restart it at a good moment: "${systemctl(manager, 'restart', unit)}".`,
  },
  'openclaw-config-invalid': {
    title: 'OpenClaw refuses its configuration',
    message: ({ refusal }) => refusals(refusal),
    why: ({ refusal, isValid, restart }) =>
      `${isValid ? 'To OpenClaw the file is valid. ' : ''}A gateway that is started with this ends with status 78${restart === null ? '' : afterRefusal[restart]}.${
        refusal.code === 'not-local' ? '' : ' One that was started before the edit keeps what it had.'
      }`,
    remedy: ({ file, refusal }) => refusalRemedy(file, refusal),
  },
  'litellm-config-missing': {
    title: 'The configuration of LiteLLM is not there',
    message: ({ file, isIncluded }) =>
      isIncluded
        ? `The file that include names is not there: ${file}`
        : `Its configuration is not there: ${file}`,
    why: () =>
      'A LiteLLM that is started without it ends at once. One that was started before goes on with what it read then.',
    remedy: ({ file }) => `Put ${file} back, or name the one that there is.`,
  },
  'litellm-config-invalid': {
    title: 'LiteLLM cannot read its configuration',
    message: details =>
      details.kind === 'syntax'
        ? details.isAtEnd
          ? `${details.file} ends before its YAML is complete`
          : `${details.file} is no YAML from this line on (column ${details.column})`
        : details.kind === 'misread'
          ? `LiteLLM reads context_window_fallbacks as names alone: every model without an entry of its own falls back to ${details.to}`
          : details.key === ''
            ? `${details.file} is no mapping of settings to values`
            : `LiteLLM does not start with this in ${details.key}`,
    why: details =>
      details.kind === 'misread'
        ? 'LiteLLM does not look at the form of this setting when it starts. A request that is too long for a model then goes to a model that nobody meant, or to none.'
        : 'A LiteLLM that is started with this ends at once. One that was started before the edit goes on with what it read then.',
    remedy: details =>
      details.kind === 'syntax'
        ? details.isAtEnd
          ? 'Put back what is missing: a bracket or a quote that is not closed, or the rest of a file that was not written to its end.'
          : 'Put the line right: what was changed last, its indentation, or a bracket or a quote that is not closed.'
        : refusedForms[details.kind === 'misread' ? 'fallbacks' : details.key],
  },
};

/** What systemd makes of that end. */
const afterRefusal = {
  again: ', and systemd starts it again each time, in vain',
  never: ', and systemd does not start it again',
  prevented: ', and systemd does not start it again, as RestartPreventExitStatus= of its unit says',
} as const;

/** How the values of these settings must be written. */
const refusedForms: Readonly<Record<RefusedKey, string>> = {
  '': 'Begin with model_list: and what belongs to it, one setting a line.',
  include: 'Write a list of files: include: [models.yaml]',
  model_list:
    'Write a list of entries, each with model_name and with litellm_params that have a model, all of them texts: a name of digits alone needs quotes.',
  fallbacks: 'Write a list with one model in each entry, and with a list behind it: - opus: [remote]',
  content_policy_fallbacks:
    'Write a list with one model in each entry, and with a list behind it: - opus: [remote]',
  default_fallbacks: 'Write a list: [remote]',
  model_group_alias: 'Write a mapping: {best: opus}',
  credential_list:
    'Write a list of entries, each with credential_name, credential_values and credential_info (credential_info: {} will do).',
  litellm_settings: 'Write a mapping of settings to values.',
  environment_variables: 'Write a mapping of variables to values.',
};

/** The names that are shown, and the number of those that are not. */
type Cut = Extract<FailoverAnswerCut, { readonly kind: 'cut' }>;

function cut({ server, of: limited, seconds, isDefault, waitsSeconds, isSet }: Cut): string {
  const usual = isDefault ? ' (its default)' : '';
  const waits = `OpenClaw waits ${waitsSeconds} s${isSet ? '' : ' where no timeoutSeconds says otherwise'}`;
  switch (limited) {
    case 'silence':
      return `${server} ends an answer after ${seconds} s of silence${usual}; ${waits}`;
    case 'begin':
      return `${server} ends an answer that has not begun after ${seconds} s${usual}; ${waits}`;
    case 'whole':
      return `${server} ends every answer after ${seconds} s, also one that is just coming; a turn of OpenClaw may take ${waitsSeconds} s`;
    default:
      return limited satisfies never;
  }
}

const cutsWhat: Readonly<Record<ReverseProxy, string>> = {
  nginx:
    'A model that thinks for longer answers nobody through this address: nginx says 504, or the answer ends in the middle. OpenClaw would have waited.',
  Caddy:
    'A model that takes longer answers nobody through this address: Caddy says 504, or the answer ends in the middle, with read_timeout as if it were complete.',
  Cloudflare:
    'A model that thinks for longer answers nobody through this address: Cloudflare says 524. OpenClaw would have waited.',
};

function cutRemedy({ server, setting, of: limited, seconds }: Cut, plan: string): string {
  switch (server) {
    case 'nginx':
      return `Write "proxy_read_timeout 300s;" in the location that leads to the models: OpenClaw, which has the fallbacks, then gives up first. "${plan}" has the whole of it.`;
    case 'Caddy':
      return limited === 'whole'
        ? `Take ${setting} out of timeouts: it cannot tell a long answer from a dead one. Without it Caddy sets no limit.`
        : `Take ${setting} out: without it Caddy sets no limit, and OpenClaw, which has the fallbacks, gives up first.`;
    case 'Cloudflare':
      return `Only an Enterprise plan changes this. Set timeoutSeconds of the provider below ${seconds}, or lead there without Cloudflare.`;
    default:
      return server satisfies never;
  }
}

const keyFileFaults: Readonly<Record<KeyFileFault, (what: string, mode: string) => string>> = {
  missing: what => `${what} is not there`,
  link: what => `${what} is a link: OpenClaw does not take it`,
  'no-file': what => `${what} is no file: OpenClaw does not take it`,
  open: (what, mode) =>
    `${what} has mode ${mode}: OpenClaw takes it only if nobody but its owner may read or write it`,
  foreign: what => `${what} belongs to another user: OpenClaw does not take it`,
};

function listed(names: readonly string[], more = 0): string {
  return names.join(', ') + (more === 0 ? '' : ` and ${more} more`);
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function ofAgent(agent: string | null): string {
  return agent === null ? 'Agents without a model of their own' : `The agent ${agent}`;
}

function meant(suggestion: string | null): string {
  return suggestion === null ? '' : ` (did you mean ${suggestion}?)`;
}

type CircleOf = Extract<FailoverLoop, { readonly kind: 'circle' }>;

function circle({ steps, models }: CircleOf): string {
  const others = models.length < 2 ? '' : `; so does ${joined(models.slice(1))}`;
  return `Requests for ${models[0]} go round in a circle: ${wayRound(steps)}${others}`;
}

function wayOut({ machine, models }: Extract<FailoverLoop, { readonly kind: 'way-out' }>): string {
  return `Requests for ${joined(models)} go on to the proxy of ${machine}, another node`;
}

type Missing = FailoverModelUndeclared['missing'];

function whatIsMissing(missing: Missing): string {
  switch (missing.what) {
    case 'provider':
      return `and there is no provider ${missing.provider}`;
    case 'model':
      return `which the provider ${missing.provider} does not declare`;
    case 'elsewhere':
      return missing.isNamed
        ? `which is asked of the provider ${missing.provider}, for which there is no key here; the model of just this name is ${missing.suggestion}`
        : `which is asked of the provider ${missing.provider}; the model of just this name is ${missing.suggestion}`;
    case 'served':
      return `which ${missing.proxy} does not have in its model_list`;
    default:
      return missing satisfies never;
  }
}

const modelRemedies: { readonly [W in Missing['what']]: (missing: Missing) => string } = {
  elsewhere: missing =>
    `Write ${missing.suggestion}: what stands before the first slash is the provider, also where the name of the model has one.`,
  provider: () => 'Correct the reference, or declare the provider in models.providers with its models.',
  model: () => 'Correct the reference, or declare the model with id and name in the models of the provider.',
  served: () =>
    'Correct the reference, or give the proxy an entry of that model_name. "/v1/models" of the proxy lists what it has.',
};

function refusals(refusal: OpenclawConfigInvalid['refusal']): string {
  switch (refusal.code) {
    case 'bad-syntax':
      if (refusal.isAtEnd) return 'The file ends before its JSON5 is complete';
      return `This is no JSON5, from column ${refusal.column} of this line on`;
    case 'missing-file':
      return `The file that $include names is not there: ${refusal.file}`;
    case 'include-outside':
      return `$include leads out of the folder of the configuration: ${refusal.file}`;
    case 'include-circle':
      return `$include leads back to a file that led here: ${refusal.file}`;
    case 'include-too-deep':
      return `$include leads more than ten files deep: ${refusal.file}`;
    case 'bad-value':
      return refusal.key === ''
        ? 'The configuration is no mapping'
        : `${refusal.key} has a value that OpenClaw refuses`;
    case 'missing-key':
      return `${refusal.key} is missing`;
    case 'not-local':
      return refusal.mode === null
        ? 'gateway.mode is missing, and a gateway starts only with "local"'
        : 'gateway.mode is "remote", and a gateway starts only with "local"';
    case 'unknown-key':
      return `There is no ${refusal.key} (did you mean ${refusal.suggestion}?)`;
    default:
      return refusal satisfies never;
  }
}

function refusalRemedy(file: string, refusal: OpenclawConfigInvalid['refusal']): string {
  const proof = 'Then run "openclaw config validate".';
  if (refusal.code === 'not-local')
    return 'Write "mode": "local" below "gateway", or add --allow-unconfigured to ExecStart=. "openclaw config validate" does not look at it.';
  if (refusal.code !== 'missing-key') return `Correct ${refusal.source?.file ?? file}. ${proof}`;
  if (refusal.reason === 'roster')
    return `From OpenClaw ${refusal.since} on, several agents need it: write "ownership": "explicit" below agents, or mark one of them with "default": true. ${proof}`;
  return refusal.reason === 'model'
    ? `Each model needs an id and a name. ${proof}`
    : `Only providers that OpenClaw brings along may leave out baseUrl and models; write "models": [{"id": "...", "name": "..."}] with each model that is asked for. ${proof}`;
}

/** What has a variable that is not replaced. */
function ofProvider(setting: string, provider: string | null): string {
  return provider === null
    ? 'The name of a model that is asked'
    : `The ${setting} of the provider ${provider}`;
}
