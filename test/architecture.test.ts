import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Each room and the rooms below it that it may look into; ARCHITECTURE.md says why. */
const floors: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  json: [],
  names: [],
  programs: ['kernel'],
  systemd: ['kernel', 'json', 'names', 'programs'],
  restart: ['systemd'],
  services: ['kernel', 'json', 'systemd'],
  inventory: ['systemd', 'restart', 'services'],
  secrets: ['json', 'systemd', 'services'],
  http: ['kernel', 'secrets'],
  routes: ['systemd', 'restart', 'inventory', 'services', 'http'],
  check: ['kernel', 'systemd', 'restart', 'inventory', 'services', 'secrets', 'http', 'routes'],
  config: ['json', 'systemd', 'inventory', 'services', 'routes', 'check', 'secrets'],
  store: ['kernel', 'names', 'systemd'],
  transaction: ['kernel', 'json', 'programs', 'systemd', 'services', 'store'],
  fix: ['kernel', 'systemd', 'inventory', 'check', 'config', 'transaction'],
  'new-unit': ['kernel', 'systemd', 'inventory', 'services', 'check', 'transaction', 'fix'],
  probe: ['http', 'programs'],
  notify: [
    'kernel',
    'json',
    'names',
    'programs',
    'systemd',
    'restart',
    'routes',
    'inventory',
    'services',
    'secrets',
    'check',
    'config',
    'transaction',
    'fix',
    'store',
    'http',
    'probe',
  ],
  failover: [
    'kernel',
    'json',
    'programs',
    'systemd',
    'restart',
    'inventory',
    'services',
    'secrets',
    'routes',
    'check',
    'config',
    'transaction',
    'fix',
    'http',
    'probe',
  ],
  i18n: [
    'programs',
    'systemd',
    'restart',
    'check',
    'services',
    'http',
    'routes',
    'config',
    'transaction',
    'notify',
    'failover',
  ],
  report: [
    'programs',
    'systemd',
    'restart',
    'inventory',
    'services',
    'secrets',
    'routes',
    'check',
    'config',
    'transaction',
    'fix',
    'notify',
    'failover',
    'i18n',
  ],
  cli: [
    'kernel',
    'programs',
    'systemd',
    'restart',
    'inventory',
    'services',
    'secrets',
    'routes',
    'check',
    'config',
    'transaction',
    'fix',
    'new-unit',
    'store',
    'http',
    'probe',
    'notify',
    'failover',
    'i18n',
    'report',
  ],
};

/** The start of the command line, what the library takes where its caller says nothing, and the proxies that are named to it. */
const mayKnow: ReadonlySet<string> = new Set([
  'cli/main.ts',
  'systemd/host/live-host.ts',
  'systemd/host/offline-host.ts',
  'http/request.ts',
  'http/certificate.ts',
]);

const source = path.join(import.meta.dirname, '../src');

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
  /** Whether it is loaded only when somebody gets there. */
  readonly isDynamic: boolean;
}

const imports: readonly Import[] = fs
  .readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .flatMap(file => {
    const text = fs.readFileSync(path.join(source, file), 'utf8');
    const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from '([^']+)'/gm);
    const dynamic = text.matchAll(/(import)\('([^']+)'\)/g);
    const room = file.split(path.sep)[0] ?? '';
    return [...statements, ...dynamic].map(([, type, target = '']) => ({
      file,
      room,
      target: target.startsWith('.') ? path.join(path.dirname(file), target) : target,
      isTypeOnly: type?.startsWith('type') ?? false,
      isDynamic: type === 'import',
    }));
  });

/** A file without its comments. */
function code(file: string): string {
  return fs.readFileSync(path.join(source, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
}

describe('the house', () => {
  it('has just the rooms that are drawn', () => {
    expect(fs.readdirSync(source).sort()).toEqual(Object.keys(floors).sort());
  });

  it.each(Object.entries(floors))('%s looks only into rooms below', (room, below) => {
    const strangers = imports
      .filter(entry => entry.room === room && entry.target.endsWith('.ts'))
      .filter(({ target }) => ![room, ...below].includes(target.split(path.sep)[0] ?? ''))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(strangers).toEqual([]);
  });

  it('has no circle of imports, not even of types', () => {
    const importsOf = Map.groupBy(imports, ({ file }) => file);
    const finished = new Set<string>();
    const circlesFrom = (file: string, trail: readonly string[]): readonly string[] => {
      if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(' -> ')];
      if (finished.has(file)) return [];
      const found = (importsOf.get(file) ?? []).flatMap(({ target }) =>
        circlesFrom(target, [...trail, file]),
      );
      finished.add(file);
      return found;
    };
    expect([...importsOf.keys()].flatMap(file => circlesFrom(file, []))).toEqual([]);
  });

  it('starts after a fall without what only other commands need: to load it would take longer than to send the message', () => {
    const loaded = new Set(['cli/attend-call.ts', 'config/read.ts', 'http/request.ts']);
    for (const file of loaded) {
      const needed = imports.filter(entry => entry.file === file && !entry.isTypeOnly && !entry.isDynamic);
      for (const { target } of needed) loaded.add(target);
    }
    const others =
      /^(?:check\/rules|fix|new-unit|failover|transaction|cli\/program)\b|^(?:commander|nodemailer)$/;
    expect([...loaded].filter(file => others.test(file))).toEqual([]);
    expect(loaded).toContain('inventory/inventory.ts');
  });

  it('runs other programs in one place, and never through a shell', () => {
    const running = imports.filter(({ target }) => target.endsWith('child_process')).map(({ file }) => file);
    expect(running).toEqual(['programs/run.ts']);
    expect(fs.readFileSync(path.join(source, 'programs/run.ts'), 'utf8')).not.toMatch(/\bshell:|\bexec\(/);
  });

  it('reads what a service runs in one place', () => {
    const reading = [...new Set(imports.map(({ file }) => file))].filter(file =>
      /(?<!function )\breadProgram\(/.test(code(file)),
    );
    expect(reading).toEqual(['inventory/inventory.ts']);
  });

  it('names its own units in one place, so that no user’s service is taken for one of them', () => {
    const naming = [...new Set(imports.map(({ file }) => file))].filter(file =>
      /['"`^]daruma-(?:outbox|notify|await|start-again)|startsWith\('daruma/.test(code(file)),
    );
    expect(naming.filter(file => !file.startsWith('i18n/'))).toEqual(['systemd/own-units.ts']);
  });

  it('has a line or none, and a 0 for none only where documents are written', () => {
    const zeros = [...new Set(imports.map(({ file }) => file))].filter(file =>
      /\bline(?:: 0\b|: [\w.?]*\.line \?\? 0\b| [!=]== 0\b)/.test(
        fs.readFileSync(path.join(source, file), 'utf8'),
      ),
    );
    expect(zeros).toEqual(['report/place.ts']);
  });

  it('keeps the restart model pure: no input, no output, no clock', () => {
    const impure = imports
      .filter(
        ({ room, target }) => room === 'restart' && (target.startsWith('node:') || target.includes('host/')),
      )
      .map(({ file, target }) => `${file} -> ${target}`);
    const clocks = imports
      .map(({ file }) => file)
      .filter(file => file.startsWith('restart'))
      .filter(file =>
        /Date\.now|new Date|performance\.now|process\.(?:env|argv|hrtime|cwd)/.test(
          fs.readFileSync(path.join(source, file), 'utf8'),
        ),
      );
    expect([...impure, ...clocks]).toEqual([]);
  });

  it('lets one file alone know the process, so that a run in any other has its own surroundings', () => {
    const global = /process\.(?:std(?:in|out|err)|env|exit\w*|cwd|argv|on|off|once)\b|\bconsole\./;
    const knowing = fs
      .readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !mayKnow.has(file))
      .filter(file => global.test(fs.readFileSync(path.join(source, file), 'utf8')));
    expect(knowing).toEqual([]);
  });

  it.each([
    ['the code of an error is asked for', /'code' in /, ['kernel/errno.ts']],
    ['a result code of SQLite is asked for', /'errcode' in /, ['store/sqlite-error.ts']],
    ['a value is told to be a mapping', /=== 'object' && \w+ !== null/, ['json/value.ts']],
    ['a process is told from a later one of its number', /boot_id|\/stat\b/, ['kernel/process-identity.ts']],
    // systemd has a specifier for it, which leads to the folder of all programs.
    [
      'state lies',
      /XDG_STATE_HOME|\/var\/lib\/daruma/,
      ['store/state-folder.ts', 'systemd/unit-specifiers.ts'],
    ],
  ])('has one place where %s', (_, pattern, places) => {
    const found = fs
      .readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .filter(file => pattern.test(fs.readFileSync(path.join(source, file), 'utf8')));
    expect(found.sort()).toEqual(places);
  });

  it('lets texts out by one gate; the version, the line of progress and the last word hold nothing of others', () => {
    const writing = [...new Set(imports.map(({ file }) => file))].filter(file =>
      /\bstd(?:out|err)\.(?:write|end)\(/.test(fs.readFileSync(path.join(source, file), 'utf8')),
    );
    expect(writing.sort()).toEqual(['cli/main.ts', 'cli/output.ts', 'cli/progress.ts']);
  });

  it('lets a language know what there is to say, and nothing of how it is found out', () => {
    const working = imports
      .filter(({ room, target, isTypeOnly }) => room === 'i18n' && !isTypeOnly && !target.startsWith('i18n'))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(working).toEqual([
      'i18n/parts.ts -> systemd/values/setup-failure.ts',
      'i18n/parts.ts -> systemd/values/signal.ts',
      'i18n/shown-commands.ts -> programs/command.ts',
      'i18n/shown-commands.ts -> systemd/commands.ts',
    ]);
  });
});

/** What is told to whoever works on daruma. */
const guides = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'lab/README.md', 'lab/conformance/README.md'] as const;
const checkout = path.join(source, '..');
const skipped = new Set(['node_modules', 'dist', '.git']);
const files = fs
  .readdirSync(checkout)
  .filter(name => !skipped.has(name))
  .flatMap(name =>
    fs.statSync(path.join(checkout, name)).isDirectory()
      ? [
          `/${name}`,
          ...fs
            .readdirSync(path.join(checkout, name), { recursive: true, encoding: 'utf8' })
            .map(below => `/${name}/${below}`),
        ]
      : [`/${name}`],
  );

/** Whether a guide may name a file so: its path from somewhere, such as `restart/delay.ts` or `delay.ts` alone. */
function isThere(named: string): boolean {
  const end = `/${named.replace(/\/$/, '')}`;
  return files.some(file => file.endsWith(end));
}

describe.each(guides)('%s', guide => {
  const text = fs.readFileSync(path.join(checkout, guide), 'utf8');

  it('names files that are there', () => {
    const named = [...text.matchAll(/`([\w./-]+(?:\.(?:ts|cjs|js|c|jsonl?|md)|\w\/))`/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter(name => !isThere(name))).toEqual([]);
  });

  it('names what stands in these files', () => {
    const named = [...text.matchAll(/`([\w.]+)` (?:of|in) `([\w./-]+\.ts)`/g)];
    const gone = named.filter(([, what = '', name = '']) => {
      const ends = files.filter(file => file.endsWith(`/${name}`));
      return !ends.some(file =>
        fs.readFileSync(path.join(checkout, file), 'utf8').includes(what.split('.').at(-1) ?? what),
      );
    });
    expect(gone.map(([whole]) => whole)).toEqual([]);
  });

  it('has no row of a table twice', () => {
    const subjects = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, subject = '']) => subject);
    expect(subjects.filter((subject, at) => subjects.indexOf(subject) < at)).toEqual([]);
  });
});
