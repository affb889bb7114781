/**
 * Random units as they might exist on a machine, for property tests and for comparison with a real systemd. All parts are
 * plausible, and most are wrong in some way.
 */
import fc from 'fast-check';
import type { Tree } from './root.ts';

const words = (text: string) => text.split('|');

/** Interesting values by directive. Commands never run, since these units are not started. */
const settings: Readonly<Record<string, readonly string[]>> = {
  'Unit.Description': words('plain|%n of %p|50%|bad %Z|%i %j %J %f'),
  'Unit.Documentation': words('man:a(1)|bogus|'),
  'Unit.After': words('gen-a.service gen-b@1.service|%p.socket|bogus|gen@.service||network.target'),
  'Unit.Before': words('gen-c.service|bad name|'),
  'Unit.Wants': words(
    'gen-a.service|gen-b@%i.service gen.target|gone.service bogus|"gen-a.service"||gen@.service',
  ),
  'Unit.Requires': words('gen-a-b.service|gen.service %n|gen-alias.service|'),
  'Unit.Requisite': words('gen-c.service|'),
  'Unit.BindsTo': words('gen-b.service|gen@x.service|%N.service|'),
  'Unit.PartOf': words('gen.target gen-a.service|gen-c.service|'),
  'Unit.Upholds': words('gen-b@2.service|gen-a.service|'),
  'Unit.OnFailure': words('gen-c.service|gen-b@%n.service|%Z.service gen-a.service|'),
  'Unit.OnSuccess': words('gen-c.service|gen@done.service|'),
  'Unit.RequiresOverridable': words('gen-c.service'),
  'Unit.BindTo': words('gen-c.service'),
  'Unit.StartLimitIntervalSec': words('0|30|1min|infinity|-1||bogus|1.5'),
  'Unit.StartLimitInterval': words('20|0|'),
  'Unit.StartLimitBurst': words('0|1|10|-1||4294967296|abc|0x10'),
  'Unit.StartLimitAction': words('none|reboot|exit|bogus'),
  'Unit.FailureAction': words('none|exit|bogus'),
  'Unit.SuccessAction': words('none|exit|bogus|'),
  'Unit.CollectMode': words('inactive-or-failed|bogus'),
  'Unit.DefaultDependencies': words('no|yes|maybe|'),
  'Unit.RefuseManualStart': words('yes|1|'),
  'Unit.ConditionPathExists': words('/etc/x|!/etc/y|relative|'),
  'Unit.RestartSec': words('9'),
  // Only BusName= makes a unit Type=dbus here: Type=dbus without a name crashes systemd 247 at the next reload.
  'Service.Type': words(
    'simple|exec|forking|oneshot|notify|idle|notify-reload|bogus||Oneshot|"simple"|oneshot # once',
  ),
  // Of two units with one name the manager takes the first that it loads (`service_add_extras()`).
  'Service.BusName': words('org.example.%N|org.example.%N.%i|bad|'),
  'Service.Restart': words(
    'no|always|on-failure|on-abnormal|on-success|on-abort|on-watchdog|allways|true||always',
  ),
  'Service.RestartSec': words('0|5|1.5|100ms|1min 30s|infinity|-1||abc|5 s|1M|1m|2h|5x|0.0000001|300y'),
  'Service.RestartSteps': words('0|3|abc||4294967295|-1'),
  'Service.RestartMaxDelaySec': words('0|1|1min|infinity|bogus|'),
  'Service.RestartMode': words('normal|direct|debug|bogus|'),
  'Service.SuccessExitStatus': words(
    '1 2 3|TEMPFAIL 250 SIGKILL|256|bogus 3||RTMIN+3 TERM|EXIT_FAILURE|0x10 010|-1|"1 2"|FAILURE|KSM BPF',
  ),
  'Service.RestartPreventExitStatus': words('1|SIGTERM||255 x|SIGRTMIN+1|HUP INT'),
  'Service.RestartForceExitStatus': words('2|TEMPFAIL|||SIGSEGV'),
  'Service.RemainAfterExit': words('yes|no|maybe||TRUE|on|t'),
  'Service.GuessMainPID': words('no|yes|'),
  'Service.PIDFile': words('/run/gen.pid|gen.pid|/run/%n.pid|%t/%p.pid||/etc/../x.pid'),
  'Service.TimeoutStartSec': words('0|10|infinity|bogus||1min'),
  'Service.TimeoutStopSec': words('0|20|infinity||-5'),
  'Service.TimeoutSec': words('0|15|infinity||x'),
  'Service.TimeoutAbortSec': words('7|'),
  'Service.TimeoutStartFailureMode': words('kill|abort|bogus|'),
  'Service.RuntimeMaxSec': words('0|1h|infinity||x'),
  'Service.WatchdogSec': words('0|3|infinity||500ms|off'),
  'Service.WatchdogSignal': words('SIGABRT|TERM|9|bogus|'),
  'Service.KillMode': words('control-group|mixed|process|none|bogus|'),
  'Service.KillSignal': words('SIGINT|HUP|15|RTMIN+1|bogus||0|64'),
  'Service.SendSIGKILL': words('no|yes|0|'),
  'Service.OOMPolicy': words('continue|stop|kill|bogus|'),
  'Service.Delegate': words('yes|no|cpu memory|bogus|'),
  'Service.MemoryMax': words('1G|infinity|bogus||50%'),
  'Service.MemoryHigh': words('512M|'),
  'Service.MemoryAccounting': words('no|yes|'),
  'Service.ExitType': words('main|cgroup|bogus|'),
  'Service.ExecCondition': words('/bin/true|-/bin/false|'),
  'Service.ExecStartPre': words('/bin/true|-/bin/sh -c "exit 3"||/bin/true ; /bin/false'),
  'Service.ExecStart': words(
    '/bin/true|-/bin/true a b|@/bin/sh sh -c x|true|./x|/bin/true ; /bin/false|/bin/echo "open||/bin/echo %n %i %h|' +
      '/bin/echo %Z|+/bin/true|:/bin/true $x|/bin/|-./x|/bin/echo \\x41 \\q|!!/bin/true|/bin/echo 100%% ;|-|' +
      "/bin/sh -c 'a; b'|/bin//true|/bin/../bin/true|/bin/echo %%i %p %N %u",
  ),
  'Service.ExecStartPost': words('/bin/true|-/bin/true|'),
  'Service.ExecReload': words('/bin/kill -HUP $MAINPID|'),
  'Service.ExecStop': words('/bin/true|bogus/x|'),
  'Service.ExecStopPost': words('-/bin/true|/bin/true|'),
  'Service.Environment': words('A=1 B=2|bad-name=1|"C=x y|'),
  'Service.EnvironmentFile': words('-/etc/default/gen|relative|'),
  'Service.WorkingDirectory': words('/|~|-/nowhere|relative|-relative|%h|'),
  'Service.User': words('root|kuma|%i|no such user|'),
  'Service.PAMName': words('login|'),
  'Service.StandardOutput': words('journal|null|bogus|file:relative|'),
  'Service.NotifyAccess': words('all|bogus|'),
  'Service.LoadCredential': words('gen:/etc/gen'),
  'Service.StartLimitInterval': words('40|0|bogus'),
  'Service.StartLimitIntervalSec': words('40'),
  'Service.StartLimitBurst': words('7|'),
  'Service.Wants': words('gen-a.service'),
  'Service.restart': words('always'),
  'Service.Restrat': words('always'),
  'Service.X-Own': words('1'),
  'Service.LimitCORE': words('0|infinity|x'),
  'Service.DynamicUser': words('no|maybe'),
  'Service.Slice': words('gen.slice|bogus|'),
  'Service.UMask': words('022|999'),
  'Install.WantedBy': words('default.target|multi-user.target|gen.target|'),
  'Install.RequiredBy': words('gen-a.service|'),
  'Install.UpheldBy': words('gen-a.service'),
  'Install.Alias': words('gen-alias.service|gen-other@.service|bad|'),
  'Install.Also': words('gen-b.service|bad name|%Z.service|%p-x.service|'),
  'Install.DefaultInstance': words('one|a/b|%i|%Z|'),
  'X-Own.Anything': words('goes'),
  'Bogus.Key': words('value'),
  'service.Restart': words('always'),
};

interface Line {
  readonly section: string;
  readonly text: string;
}

const assignments = Object.entries(settings).map(([name, values]) => {
  const dot = name.indexOf('.');
  return { section: name.slice(0, dot), key: name.slice(dot + 1), values };
});

const spacing = fc.oneof(
  { weight: 8, arbitrary: fc.constant((key: string, value: string) => `${key}=${value}`) },
  { weight: 1, arbitrary: fc.constant((key: string, value: string) => `  ${key} =\t${value} `) },
  { weight: 1, arbitrary: fc.constant((key: string, value: string) => `${key}=\\\n  ${value}`) },
  {
    weight: 1,
    arbitrary: fc.constant((key: string, value: string) => `${key}=\\\n# a comment\n ; another\n${value}`),
  },
  {
    weight: 1,
    arbitrary: fc.constant((key: string, value: string) => `${key}=${value.replace(' ', '\\\n')}`),
  },
);

const assignment = (of: typeof assignments): fc.Arbitrary<Line> =>
  fc
    .constantFrom(...of)
    .chain(({ section, key, values }) =>
      fc
        .tuple(fc.constantFrom(...values), spacing)
        .map(([value, spaced]) => ({ section, text: spaced(key, value) })),
    );

/** Settings that decide about restarts occur most often. */
const often = assignments.filter(({ key }) =>
  /^(?:Type|Restart|Timeout|StartLimit|ExecSt|.*ExitStatus)/.test(key),
);

const oddity: fc.Arbitrary<Line> = fc
  .constantFrom(
    '# Restart=always',
    '; comment',
    '',
    'no equals sign',
    '=value',
    'Restart',
    '# comment ends in a backslash \\',
    'Environment=\\',
    'Restart = on-failure \\',
  )
  .map(text => ({ section: '', text }));

const line = fc.oneof(
  { weight: 6, arbitrary: assignment(often) },
  { weight: 5, arbitrary: assignment(assignments) },
  { weight: 1, arbitrary: oddity },
);

function joined(lines: readonly Line[]): string {
  let section = '';
  return lines
    .map(item => {
      if (item.section === '' || item.section === section) return item.text;
      section = item.section;
      return `[${section}]\n${item.text}`;
    })
    .join('\n');
}

const fatal = fc.constantFrom(
  '[Service',
  '[Ser"vice]',
  'Description=\u00ff\u00fe',
  'Description=\uFFFE',
  '[\t]',
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Adds line ends and an end of file, and sometimes bytes that systemd refuses to read. */
const dressed = (body: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      body,
      fc.oneof({ weight: 8, arbitrary: fc.constant('\n') }, fc.constantFrom('\r\n', '\n\r', '\n\n', '\r')),
      fc.oneof({ weight: 6, arbitrary: fc.constant('\n') }, fc.constantFrom('', '\\', '\\\n', '\0', '\0x')),
      rarely(fc.tuple(fatal, fc.boolean())),
      rarely(fc.constant('\uFEFF')),
    )
    .map(([unit, lineEnd, fileEnd, breaking, mark]) => {
      const [broken, first] = breaking ?? ['', true];
      const whole = (first ? `${broken}\n${unit}` : `${unit}\n${broken}`).replace(/^\n/, '');
      const ended = (mark ?? '') + whole.replaceAll('\n', lineEnd) + fileEnd;
      // The fatal bytes, which are not UTF-8, were written as one character each.
      return Buffer.concat(
        ended
          .split(/([\u00fe\u00ff])/)
          .map(part => (/^[\u00fe\u00ff]$/.test(part) ? Buffer.from(part, 'latin1') : Buffer.from(part))),
      );
    });

/** A service file, usually with a command that could start. */
const serviceText: fc.Arbitrary<Uint8Array> = dressed(
  fc
    .tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant([{ section: 'Service', text: 'ExecStart=/bin/sleep 1' }]) },
        { weight: 1, arbitrary: fc.constant([]) },
      ),
      fc.array(line, { maxLength: 9 }),
    )
    .map(([start, more]) => joined([...start, ...more])),
);

/** A drop-in for any service. Drop-ins for the whole type also apply to the machine's own units and must not change their commands. */
const dropInText = (harmless: boolean): fc.Arbitrary<Uint8Array> => {
  const safe = assignments.filter(
    ({ key, section }) => section === 'Service' && /^(?:Restart|TimeoutSt|Kill|Success|OOM|X-)/.test(key),
  );
  return harmless
    ? fc.array(assignment(safe), { maxLength: 3 }).map(lines => Buffer.from(`${joined(lines)}\n`))
    : dressed(fc.array(line, { minLength: 1, maxLength: 4 }).map(joined));
};

const baseNames = fc.constantFrom(
  ...words(
    'gen|gen-a|gen-a-b|gen-a-b-c|gen-b|gen-c|gen--d|gen-|gen-alias|gen-other|gen\\x2de|gen-f-g|gen.h|-gen',
  ),
);
const instances = fc.constantFrom(...words('1|2|x|x-y|one|a\\x2db|@|done'));

/** The file name of a unit. */
const serviceName: fc.Arbitrary<string> = fc
  .tuple(baseNames, fc.option(fc.oneof(fc.constant(''), instances), { freq: 2 }))
  .map(([base, instance]) => `${base}${instance === null ? '' : `@${instance}`}.service`);

const dropInName = fc.constantFrom(
  ...words(
    '10-a.conf|20-b.conf|zz.conf|override.conf|.hidden.conf|backup.conf~|5.conf|Z.conf|é.conf|50 c.conf',
  ),
);

/** Drop-in folders of one unit, its template, or a prefix. */
const dropInFolder = fc.oneof(
  { weight: 6, arbitrary: serviceName },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...words('gen-.service|gen-a-.service|gen-a-b-.service|gen-@.service|gen-a-@1.service'),
    ),
  },
);

/** Random units, drop-ins, links and masks in these directories, of all kinds that a manager distinguishes. */
export function unitTree(directories: readonly string[]): fc.Arbitrary<Tree> {
  const directory = fc.constantFrom(...directories);
  const linkTarget = fc.oneof(
    { weight: 5, arbitrary: serviceName },
    { weight: 2, arbitrary: fc.tuple(directory, serviceName).map(([folder, name]) => `${folder}/${name}`) },
    { weight: 2, arbitrary: fc.constant('/dev/null') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...words('/opt/gen/linked|/nowhere/x.service|gen.target|../x')),
    },
  );
  const entry = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(directory, serviceName, serviceText) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(directory, dropInFolder, dropInName, dropInText(false))
        .map(([folder, unit, name, content]) => [folder, `${unit}.d/${name}`, content] as const),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(directory, dropInName, dropInText(true))
        .map(([folder, name, content]) => [folder, `service.d/${name}`, content] as const),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(directory, serviceName, linkTarget).map(([folder, name, link]) => {
        // A link from a plain name to a template crashes systemd 247.
        const suffix = name.includes('@') ? '@.service' : '.service';
        return [folder, name, { link: link.replace(/(?<=^\/opt\/gen\/linked)$/, suffix) }] as const;
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(directory, dropInFolder, dropInName, fc.constantFrom('/dev/null', '/nowhere'))
        .map(([folder, unit, name, link]) => [folder, `${unit}.d/${name}`, { link }] as const),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          directory,
          fc.oneof(serviceName, fc.constantFrom('gen.target', 'default.target')),
          fc.constantFrom('wants', 'requires', 'upholds'),
          serviceName,
          // Versions of systemd differ for a link to itself.
          linkTarget.map(target => (target.includes('/') ? target : `../${target}`)),
        )
        .map(([folder, from, kind, to, link]) => [folder, `${from}.${kind}/${to}`, { link }] as const),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(directory, serviceName)
        .map(([folder, name]) => [folder, name, new Uint8Array()] as const),
    },
  );
  return fc.array(entry, { minLength: 20, maxLength: 60, size: 'max' }).map(entries => {
    const tree: Record<string, Tree[string]> = {
      '/opt/gen/linked.service': '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=default.target\n',
      '/opt/gen/linked@.service': '[Service]\nExecStart=/bin/true\n',
    };
    for (const [folder, name, content] of entries) tree[`${folder}/${name}`] ??= content;
    return tree;
  });
}

/** The same tree with other unit names, so that several trees can be used together without conflicts. */
export function renamed(tree: Tree, prefix: string): Tree {
  const rename = (text: string) => text.replaceAll(/(?<![a-z])gen(?![a-z])/g, prefix);
  return Object.fromEntries(
    Object.entries(tree).map(([name, entry]) => [
      rename(name),
      typeof entry === 'string'
        ? rename(entry)
        : 'link' in entry
          ? { link: rename(entry.link) }
          : Buffer.from(rename(Buffer.from(entry).toString('latin1')), 'latin1'),
    ]),
  );
}
