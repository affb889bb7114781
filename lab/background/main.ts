/**
 * Runs the programs that daruma knows to go into the background, under a real systemd, and writes down what becomes of them:
 *
 *   node lab/background/main.ts [PROGRAM...] > test/services/background.jsonl
 *
 * It takes half an hour, and some minutes more the first time. `test/services/background.test.ts` holds
 * `src/services/background.ts` against what came out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootHost } from '../host.ts';
import { runOrThrow } from '../run.ts';
import type { Task } from './in-host.ts';
import { packages, programs } from './programs.ts';

// Containers need control groups of version 2.
process.env['SYSTEMD_NSPAWN_UNIFIED_HIERARCHY'] = '1';

const asked = process.argv.slice(2);
const chosen = Object.entries(programs).filter(([name]) => asked.length === 0 || asked.includes(name));

const npm = mkdtempSync(join(tmpdir(), 'daruma-npm-'));
try {
  const fromNpm = chosen.flatMap(([, { from }]) => ('npm' in from ? [from.npm] : []));
  if (fromNpm.length > 0) {
    const install = ['npm', 'install', `--prefix=${npm}`, '--ignore-scripts', '--no-audit', '--no-fund'];
    await runOrThrow([...install, ...fromNpm], { timeoutMs: 300_000 });
  }
  await using host = await bootHost({
    name: 'background',
    systemd: 257,
    packages,
    binds: [{ source: npm, target: '/opt/npm' }],
  });
  await host.exec(['loginctl', 'enable-linger', 'root']);
  await host.exec(['systemctl', 'start', 'user@0.service']);
  for (const [program, trial] of chosen) {
    const { prepare = '', before = '', after = '', user = null, patienceSeconds = 3 } = trial;
    for (const [path, text] of Object.entries(trial.files ?? {})) await host.writeFile(path, text);
    if (prepare !== '') {
      const { code, stderr } = await host.exec(['sh', '-c', prepare], { timeoutMs: 120_000 });
      if (code !== 0) process.stderr.write(`${program}: ${stderr}\n`);
    }
    const version = await versionOf(trial.from, argv => host.exec(argv));
    const managers = trial.byUserManager === true ? (['system', 'user'] as const) : (['system'] as const);
    const tasks = managers.flatMap(manager =>
      trial.commands.map(
        (command, index): Task => ({
          program,
          manager,
          argv: typeof command === 'string' ? command.split(' ') : command,
          user,
          patienceSeconds,
          before,
          after,
          version,
          again: index === 0,
        }),
      ),
    );
    const [file = '', ...args] = host.execArgv(['node', '/opt/daruma/lab/background/in-host.ts']);
    const child = spawn(file, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.end(JSON.stringify(tasks));
    await once(child, 'exit');
  }
} finally {
  rmSync(npm, { recursive: true });
}

async function versionOf(
  from: (typeof programs)[string]['from'],
  exec: (argv: readonly string[]) => Promise<{ readonly stdout: string }>,
): Promise<string> {
  if ('npm' in from) {
    const text = readFileSync(join(npm, 'node_modules', from.npm, 'package.json'), 'utf8');
    const { version }: { readonly version: string } = JSON.parse(text);
    return `${from.npm} ${version} (npm)`;
  }
  const { stdout } = await exec(['dpkg-query', '-W', '-f', '${Package} ${Version}', from.debian]);
  return `${stdout} (Debian)`;
}
