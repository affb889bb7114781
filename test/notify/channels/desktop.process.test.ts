/** The desktop channel against a notification server that somebody else wrote (python-dbusmock's). */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isRequired } from '../../support/required.ts';

const isThere =
  spawnSync('/usr/bin/python3', ['-c', 'import dbusmock']).status === 0 &&
  spawnSync('notify-send', ['--version']).status === 0;

it.skipIf(!isThere && !isRequired)(
  'a message is shown on the desktop, and what came from elsewhere is text',
  () => {
    const script = fileURLToPath(new URL('desktop-session.sh', import.meta.url));
    const said = execFileSync('dbus-run-session', ['--', 'bash', script], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    const [, shown] = said.split('delivered\n');
    expect(shown).toMatch(/ Notify "daruma" 0 "" "🔄 litellm <restarted> & up" "1 &lt; 2 &amp; 3" /);
  },
);
