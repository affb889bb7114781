/** How OpenClaw's command line is called on behalf of a gateway: the same program, with the same places. */
import { itemsOf, entriesOf, nodeAt, scalarOf, textOf } from '../../services/config-node.ts';
import { optionOf, type Program } from '../../services/program.ts';
import type { Gateway } from '../../routes/picture.ts';
import type { OpenclawCommand } from './agent-turn.ts';
import type { GatewayEnvironment } from './gateway-environment.ts';

/**
 * @param gateway what its unit runs; undefined where no unit does, or a script of the user's
 * @param own daruma's environment
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

/** What decides where it looks, and whom it believes. */
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

/** The agent that answers where nobody is named: `main`, unless there are others, and it is none of them. */
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
