import { describe, expect, it } from 'vitest';
import { hasFlag, optionOf } from '../../src/services/program.ts';
import { programInUnitFolder, programOf } from './program.ts';

describe('the program behind wrappers', () => {
  it.each([
    ['/usr/bin/litellm --port 4000', 'litellm', ['--port', '4000']],
    ['/usr/bin/env litellm --port 4000', 'litellm', ['--port', '4000']],
    ['/usr/bin/env -i -u FOO PORT=1 -C /srv litellm', 'litellm', []],
    ['/usr/bin/env -S "litellm --port 4000"', 'litellm', ['--port', '4000']],
    ['/usr/bin/timeout -k 5 --signal=TERM 1h litellm -c a.yaml', 'litellm', ['-c', 'a.yaml']],
    ['/usr/bin/nice -n 10 /usr/bin/ionice -c2 -n7 litellm', 'litellm', []],
    ['/usr/bin/systemd-cat -t proxy litellm -c a.yaml', 'litellm', ['-c', 'a.yaml']],
    ['/usr/bin/numactl --interleave=all llama-server -m a.gguf', 'llama-server', ['-m', 'a.gguf']],
    ['/usr/bin/taskset -c 0-3 ollama serve', 'ollama', ['serve']],
    ['/usr/bin/nice -n19 litellm', 'litellm', []],
    ['/usr/bin/setsid -w stdbuf -oL -eL nohup litellm', 'litellm', []],
    ["/bin/sh -c 'exec litellm --port 4000'", 'litellm', ['--port', '4000']],
    ["/bin/bash -lc 'cd ~/proxy && PORT=1 exec litellm'", 'litellm', []],
    ["/bin/bash -c 'source ~/venv/bin/activate && litellm -c c.yaml'", 'litellm', ['-c', 'c.yaml']],
    ["/bin/sh -ec 'set -u; export A=1; litellm >> /tmp/log 2>&1'", 'litellm', []],
    ['/bin/sh -c \'exec litellm --port 1 >> "$$HOME/a log" 2>&1 < $${IN}\'', 'litellm', ['--port', '1']],
    ["/bin/bash -o pipefail -c 'exec litellm'", 'litellm', []],
    ["/bin/ksh -c 'exec litellm'", 'litellm', []],
    ['/home/kuma/.local/bin/uv run --directory /srv litellm --port 1', 'litellm', ['--port', '1']],
    ["/usr/bin/uvx --from 'litellm[proxy]' litellm", 'litellm', []],
    ["/usr/bin/uvx 'litellm[proxy]==1.80.0' --port 1", 'litellm', ['--port', '1']],
    ['/usr/bin/npx -y copilot-api@latest start', 'copilot-api', ['start']],
    ['/usr/bin/npm exec -- copilot-api start', 'copilot-api', ['start']],
    ['/usr/bin/pnpm dlx copilot-api start', 'copilot-api', ['start']],
    ['/usr/bin/bunx @scope/tool@1.2 start', '@scope/tool', ['start']],
    ['/usr/bin/poetry run litellm', 'litellm', []],
    ['/opt/conda/bin/conda run -n llm --no-capture-output litellm', 'litellm', []],
    ['/usr/bin/python3 -u -m uvicorn app:app', 'uvicorn', ['app:app']],
    ['/usr/bin/python3.12 -X dev server.py --port 1', 'server.py', ['--port', '1']],
    ['/srv/venv/bin/python -Im http.server', 'http.server', []],
    ['/usr/bin/node --max-old-space-size=4096 -r dotenv/config server.js', 'server.js', []],
    ['/usr/bin/env node /usr/lib/node_modules/openclaw/dist/index.js gateway', 'openclaw', ['gateway']],
    ['/usr/bin/node /srv/node_modules/@org/tool/cli.js serve', '@org/tool', ['serve']],
    ['/usr/bin/bun run server.ts', 'server.ts', []],
    ['/usr/bin/deno run -A --allow-net main.ts --port 1', 'main.ts', ['--port', '1']],
    ['/bin/bash /home/kuma/start.sh now', 'start.sh', ['now']],
  ])('%s', (line, name, args) => {
    const program = programOf(line);
    expect([program.name, program.args]).toEqual([name, args]);
  });

  it.each([
    "/bin/sh -c 'litellm | tee log'",
    "/bin/sh -c 'litellm & wait'",
    "/bin/sh -c 'sleep 5; litellm'",
    "/bin/sh -c 'litellm --port $$(cat port)'",
    "/bin/sh -c 'litellm || true'",
    "/bin/sh -c 'litellm <<END\\na\\nEND'",
    "/bin/sh -c 'litellm > $$(date)'",
    "/bin/sh -c 'litellm \"a'",
    "/bin/sh -c '((a)); litellm'",
    "/bin/sh -c 'while true; do litellm; done'",
    '/bin/sh -c \'litellm "$$@"\'',
  ])('is the shell where the text is more than one simple command: %s', line => {
    expect(programOf(line).name).toBe('sh');
  });

  it.each([
    ['/usr/bin/systemd-run --user litellm', 'systemd-run'],
    ['/usr/bin/ionice -p 1', 'ionice'],
    ['/usr/bin/python3 -c pass', 'python3'],
    ['/usr/bin/node -e 0', 'node'],
    ['/usr/bin/deno task start', 'deno'],
    ['/usr/bin/uv pip install litellm', 'uv'],
    ['/usr/bin/npm start', 'npm'],
    ['@/usr/bin/litellm proxy --port 1', 'litellm'],
  ])('goes no further than it can be sure of: %s', (line, name) => {
    expect(programOf(line).name).toBe(name);
  });

  it('finds relative paths from the working directory', () => {
    const program = programOf(['WorkingDirectory=%h/bot', 'ExecStart=/usr/bin/python3 main.py']);
    expect(program.path).toBe('/home/kuma/bot/main.py');
    expect(program.resolve('config.yaml')).toBe('/home/kuma/bot/config.yaml');
    const moved = programOf("/bin/sh -c 'cd sub && exec litellm'");
    expect(moved.resolve('config.yaml')).toBe('/home/kuma/sub/config.yaml');
  });
});

describe('the environment', () => {
  it('has what Environment= sets: quotes, several in a line, specifiers, a reset', () => {
    const program = programOf([
      'Environment=GONE=1',
      'Environment=',
      'Environment="A=two words" B=%h C=a=b "D=\\x41"',
      'Environment=A=later',
      'UnsetEnvironment=C',
      'ExecStart=/bin/app',
    ]);
    const names = ['GONE', 'A', 'B', 'C', 'D', 'HOME', 'USER'];
    expect(names.map(name => program.variable(name))).toEqual([
      undefined,
      'later',
      '/home/kuma',
      undefined,
      'A',
      '/home/kuma',
      'kuma',
    ]);
    expect(program.variableOrigin('A')).toMatchObject({ kind: 'unit', source: { line: 5 } });
    expect(program.isComplete).toBe(true);
  });

  it('is overridden by the files of EnvironmentFile=, the later by the later; missing ones are passed over', () => {
    const program = programOf(
      [
        'Environment=PORT=1',
        'EnvironmentFile=-/etc/missing.env',
        'EnvironmentFile=%h/a.env',
        'EnvironmentFile=%h/conf.d/*.env',
        'ExecStart=/bin/app',
      ],
      {
        files: {
          'home/kuma/a.env': 'PORT=2\nONLY=a\n',
          'home/kuma/conf.d/1.env': 'PORT=3\n',
          'home/kuma/conf.d/2.env': '# no\n\nPORT=4\n',
          'home/kuma/conf.d/2.env.bak': 'PORT=5\n',
        },
      },
    );
    expect(program.variable('PORT')).toBe('4');
    expect(program.variable('ONLY')).toBe('a');
    // Of the file itself no line is named: those around it are full of secrets.
    expect(program.variableOrigin('PORT')).toEqual({
      kind: 'file',
      file: '/home/kuma/conf.d/2.env',
      source: { file: '/home/kuma/.config/systemd/user/app.service', line: 5 },
    });
    expect(program.isComplete).toBe(true);
  });

  it('is not read from files that are not the own ones', () => {
    const program = programInUnitFolder(
      ['EnvironmentFile=@folder@/app.env', 'ExecStart=/bin/app --port $PORT'],
      { 'app.env': 'PORT=5\n' },
    );
    expect(program.variable('PORT')).toBeUndefined();
    expect(program.isComplete).toBe(false);
  });

  it('fills the command line as systemd does', () => {
    const program = programOf([
      'Environment=PORT=4000 "OPTIONS=--a \'b c\'" EMPTY=',
      'ExecStart=/bin/app --port=${PORT} $OPTIONS $EMPTY "${EMPTY}" x$PORT $$HOME',
    ]);
    expect(program.args).toEqual(['--port=4000', '--a', 'b c', '', 'x$PORT', '$HOME']);
    expect(programOf(['Environment=A=1', 'ExecStart=:/bin/app $A']).args).toEqual(['$A']);
  });

  it('leaves a variable that may come from the manager as it is', () => {
    const program = programOf('/bin/app --port ${PORT}');
    expect([program.args, program.isComplete]).toEqual([['--port', '${PORT}'], false]);
  });

  it('holds what env and sh set on the way', () => {
    expect(programOf('/usr/bin/env PORT=3 /bin/app').variable('PORT')).toBe('3');
    const shell = programOf("/bin/sh -c 'PORT=5; exec app --port $${PORT:-1} --host $${HOST:-0.0.0.0}'");
    expect([shell.variable('PORT'), shell.args]).toEqual(['5', ['--port', '5', '--host', '0.0.0.0']]);
  });
});

describe('options', () => {
  const options = (...args: readonly string[]) => ({ args });

  it('are found in every way they are written, the last one counts', () => {
    expect(optionOf(options('--port', '1'), '--port', '-p')).toBe('1');
    expect(optionOf(options('--port=1', '-p2'), '--port', '-p')).toBe('2');
    expect(optionOf(options('-p', '1', '--port', '3'), '--port', '-p')).toBe('3');
    expect(optionOf(options('--portable', '1'), '--port')).toBeUndefined();
    expect(hasFlag(options('--version'), '--version', '-v')).toBe(true);
  });
});
