import type { SecretInArguments } from '../../../check/rules/secret-in-arguments.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { systemctl } from '../../shown-commands.ts';

export const secrets: GroupTexts<'secrets'> = {
  'secret-in-unit': {
    title: 'A secret stands in the unit file',
    message: ({ variables, openBy }) =>
      `Environment= holds ${variables.length === 1 ? 'a secret' : 'secrets'} (${variables.join(', ')})${openBy === 'file' ? ', and every user of the machine may read the file' : ''}`,
    why: ({ openBy }, manager) =>
      openBy === 'manager'
        ? `"${systemctl(manager, 'show')}" gives the environment of a system service to every user, whatever the mode of the file.`
        : 'Unit files are shown by "systemctl cat", copied to other machines and pasted into questions, and the secret goes with them.',
    remedy: ({ variables }) =>
      `Move ${variables.join(', ')} to a file of mode 0600 and name that in EnvironmentFile=; then replace what was exposed.`,
  },
  'secret-in-arguments': {
    title: 'A secret is among the arguments of a command',
    message: ({ directive, how, name, program }) =>
      `${directive}= runs ${program} with a secret in its arguments${wherein[how](name)}`,
    why: ({ isLasting }) =>
      `Every user of the machine can read the arguments of a process (ps, /proc/PID/cmdline), ${isLasting ? 'here as long as the service runs' : 'here while the command runs'}.`,
    remedy: ({ how, program }) =>
      program === 'curl'
        ? 'Give curl the URL or header on standard input: printf \'url = "..."\\n\' | curl --config -.'
        : how === 'option'
          ? 'Give it the secret by an environment variable from an EnvironmentFile= of mode 0600, or by an option that names a file.'
          : 'Give it the secret by an environment variable from an EnvironmentFile= of mode 0600, or in a file.',
  },
  'secret-file-readable': {
    title: 'Every user may read a file with secrets',
    message: ({ file, mode, keys }) =>
      `Every user of the machine may read ${file} (mode ${mode}), which holds ${keys.length === 1 ? 'a secret' : `${keys.length} secrets`}: ${keys.join(', ')}`,
    why: () =>
      'Any account and any program on the machine can take the secrets and use them: send as the bot, spend on the API key, open the gateway.',
    remedy: ({ file, isOwn }) =>
      `${isOwn ? `Run "chmod 600 ${file}".` : `Run "chmod o= ${file}", and see that the user of the service can still read it.`} If others have had access to the machine, replace the secrets.`,
  },
  'litellm-master-key': {
    title: "LiteLLM's master key is none, or not the one that counts",
    message: details => {
      switch (details.kind) {
        case 'refused':
          return refusedKey[details.state];
        case 'unread':
          return 'LiteLLM does not read litellm_settings.master_key: the key belongs in general_settings';
        case 'overridden':
          return 'LITELLM_MASTER_KEY has no effect: general_settings.master_key is another key, and counts before it';
        default:
          return details satisfies never;
      }
    },
    why: details => {
      switch (details.kind) {
        case 'refused':
          return `Each start ends with status 3 (run: LiteLLM 1.108.7).${olderVersions[details.state]}`;
        case 'unread':
          return details.isOther
            ? 'Another key counts: who changes this line changes nothing.'
            : 'Unless it finds a key in a .env, LiteLLM has none: its start ends with status 3 (run: LiteLLM 1.108.7), and older versions answer everybody.';
        case 'overridden':
          return 'Callers that bring this key are refused, and who changes it changes nothing.';
        default:
          return details satisfies never;
      }
    },
    remedy: details => {
      switch (details.kind) {
        case 'refused':
          return details.by === 'file'
            ? `Write master_key: os.environ/LITELLM_MASTER_KEY there, and set that variable, ${keyFile[details.where]}, to a key of your own: sk- and what "openssl rand -hex 32" prints.`
            : `Set LITELLM_MASTER_KEY, ${keyFile[details.where]}, to a key of your own: sk- and what "openssl rand -hex 32" prints.`;
        case 'unread':
          return details.isOther ? 'Take the line away.' : 'Move the line to general_settings.';
        case 'overridden':
          return 'Write master_key: os.environ/LITELLM_MASTER_KEY in general_settings if this key is meant, or else take the variable away.';
        default:
          return details satisfies never;
      }
    },
  },
};

const wherein: Readonly<Record<SecretInArguments['how'], (name: string) => string>> = {
  option: name => `: ${name}`,
  header: name => `: the header ${name}`,
  url: name => `: the URL of ${name}`,
  assignment: name => `: ${name}=`,
  value: () => '',
};

/** The master keys that LiteLLM does not start with. */
const keyFile = {
  service: 'in a file of EnvironmentFile=',
  container: 'in a file of env_file or --env-file',
} as const;

const refusedKey = {
  public: 'The master key is that of all the examples, with which LiteLLM does not start',
  empty: 'The master key is empty, and LiteLLM does not start without one',
  number: 'The master key is a number, and LiteLLM does not start with what is no text',
} as const;

const olderVersions = {
  public: ' Older versions start, and anybody knows the key.',
  empty: ' Older versions start, and ask nobody for a key.',
  number: '',
} as const;
