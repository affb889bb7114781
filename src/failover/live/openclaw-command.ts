/** Builds the OpenClaw command line for a gateway: the same program with the same folders. */
import { itemsOf, entriesOf, nodeAt, scalarOf, textOf } from '../../services/config-node.ts';
import { optionOf, type Program } from '../../services/program.ts';
import type { Gateway } from '../../routes/picture.ts';
import type { OpenclawCommand } from './agent-turn.ts';
import type { GatewayEnvironment } from './gateway-environment.ts';

/**
 * @param gateway program and environment of its unit; undefined when no unit runs it, or when the unit runs a script of the user
 * @param own the environment of daruma
 */
export function openclawCommand(
  gateway: { readonly program: Program; readonly environment: GatewayEnvironment } | undefined,
  own: NodeJS.ProcessEnv,
): OpenclawCommand {
  if (gateway === undefined || !/openclaw/.test(gateway.program.path)) {
    return { argv: ['openclaw'], environment: own };
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

/** The agent that OpenClaw uses when none is named: the one marked as default, or else `main`, or else the first one. */
export function usualAgent({ config }: Gateway): string {
  const agents = nodeAt(config.root, 'agents');
  const listed = itemsOf(nodeAt(agents, 'list')).flatMap(node => {
    const id = textOf(nodeAt(node, 'id'));
    return id === undefined ? [] : [[id, node] as const];
  });
  const all = [...entriesOf(nodeAt(agents, 'entries')), ...listed];
  const chosen =
    all.find(([, node]) => scalarOf(nodeAt(node, 'default')) === true) ??
    all.find(([id]) => id === 'main') ??
    all[0];
  return chosen?.[0] ?? 'main';
}
