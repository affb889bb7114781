/** A user of a real host whose messages a command writes into a file. */
import fs from 'node:fs';
import path from 'node:path';
import type { Host } from '../../lab/host.ts';
import { waitFor } from '../../lab/wait.ts';

export const home = '/home/kuma';
const tell = `${home}/tell`;

export interface TellingHost {
  systemctl(...args: readonly string[]): Promise<string>;
  /** What daruma prints. */
  daruma(...args: readonly string[]): Promise<string>;
  /** All messages until now, the first one first. */
  messages(): readonly string[];
  /** Waits for a message that contains a text. */
  next(text: string): Promise<string>;
}

/**
 * Writes the units of the user `kuma` and a configuration with one channel. Hooks are not installed.
 *
 * @param services the texts of the units, by name
 * @param notify further lines of the section `notify`, indented by two
 * @param more further sections of the configuration
 */
export async function tellingHost(
  host: Host,
  services: Readonly<Record<string, string>>,
  { notify = '', more = '' } = {},
): Promise<TellingHost> {
  const run = async (...argv: readonly string[]) => (await host.exec(argv, { user: 'kuma' })).stdout;
  const systemctl = (...args: readonly string[]) => run('systemctl', '--user', ...args);
  const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
  for (const [name, text] of Object.entries(services))
    await write(`${home}/.config/systemd/user/${name}.service`, text);
  await write(tell, `#!/bin/sh\n{ cat; echo; echo ----; } >> ${home}/told\n`);
  await host.exec(['chmod', '+x', tell]);
  await write(
    `${home}/.config/daruma/config.yaml`,
    `notify:\n${notify}  channels:\n    - {type: command, command: [${tell}]}\n${more}`,
  );
  await systemctl('daemon-reload');
  const messages = () => {
    const file = path.join(host.rootDir, home, 'told');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('----\n').slice(0, -1) : [];
  };
  return {
    systemctl,
    daruma: (...args) => run('node', '/opt/daruma/bin/daruma.cjs', ...args),
    messages,
    next: text => waitFor(text, 180_000, () => messages().find(each => each.includes(text))),
  };
}
