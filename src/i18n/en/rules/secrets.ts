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
};

const wherein: Readonly<Record<SecretInArguments['how'], (name: string) => string>> = {
  option: name => `: ${name}`,
  header: name => `: the header ${name}`,
  url: name => `: the URL of ${name}`,
  assignment: name => `: ${name}=`,
  value: () => '',
};
