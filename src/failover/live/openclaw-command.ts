/** Builds the OpenClaw command line for a gateway: the same program with the same folders. */
import { isOpenClaw } from '../../services/openclaw-gateway.ts';
import { optionOf, type Program } from '../../services/program.ts';
import { programFolders } from '../../services/program-folders.ts';
import { givenCommandLine, inShell, shellText } from '../../programs/command.ts';
import type { Host } from '../../systemd/host/host.ts';
import { searchedFiles } from '../../systemd/host/search.ts';
import type { OpenclawCommand } from './agent-turn.ts';
import type { GatewayEnvironment } from './gateway-environment.ts';

/**
 * The program of its unit; where no unit runs it, or the unit runs a script around it, the one that is found in the folders in which
 * `daruma new` looks, too.
 *
 * @param gateway program and environment of its unit; undefined when no unit runs it
 * @param own the environment of daruma
 */
export function openclawCommand(
  gateway: { readonly program: Program; readonly environment: GatewayEnvironment } | undefined,
  host: Host,
  own: NodeJS.ProcessEnv,
): OpenclawCommand {
  if (gateway === undefined || !isOpenClaw(gateway.program)) {
    return { argv: [installed(host, own['PATH'] ?? '')], environment: own };
  }
  const { program, environment } = gateway;
  const profile = optionOf(program, '--profile');
  const given = placeVariables.flatMap(name => {
    const value = environment.variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    argv: [
      ...program.argv.slice(0, program.argv.length - program.args.length),
      ...(profile === undefined ? [] : ['--profile', profile]),
    ],
    environment: { ...own, ...Object.fromEntries(given) },
  };
}

/** The plain name where `$PATH` leads to it, or where it is not found at all; else its path. */
function installed(host: Host, searchPath: string): string {
  const files = searchedFiles(host.files);
  const isThere = (folder: string) => files.status(`${folder}/openclaw`)?.kind === 'file';
  if (searchPath.split(':').some(folder => folder !== '' && isThere(folder))) return 'openclaw';
  const folder = programFolders(host, searchPath).find(isThere);
  return folder === undefined ? 'openclaw' : `${folder}/openclaw`;
}

/**
 * A command line for a shell like that in which daruma runs: with the variables of the service that tell OpenClaw its places, and no
 * secret among them.
 *
 * @param words what OpenClaw is to do, such as `config validate`
 */
export function openclawText(
  { argv, environment }: OpenclawCommand,
  words: readonly string[],
  own: NodeJS.ProcessEnv,
): string {
  const variables = shownVariables.flatMap(name => {
    const value = environment[name];
    return value === undefined || value === own[name] ? [] : [`${name}=${inShell(value)} `];
  });
  return variables.join('') + shellText(givenCommandLine([...argv, ...words]));
}

const shownVariables = [
  'OPENCLAW_HOME',
  'OPENCLAW_STATE_DIR',
  'OPENCLAW_CONFIG_PATH',
  'OPENCLAW_PROFILE',
] as const;

/** Variables that determine OpenClaw's folders and the certificate authorities that it trusts. */
const placeVariables = [
  'HOME',
  'OPENCLAW_HOME',
  'OPENCLAW_STATE_DIR',
  'OPENCLAW_CONFIG_PATH',
  'OPENCLAW_PROFILE',
  'OPENCLAW_GATEWAY_PORT',
  'OPENCLAW_GATEWAY_TOKEN',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'NODE_OPTIONS',
] as const;
