/** Small services that differ in what starts them and what they hang on, for hosts that really boot and log out. */
import type { Tree } from '../support/root.ts';

const sleep = 'ExecStart=/bin/sleep infinity\n';

function service({ unit = '', service: lines = '', wantedBy = '' } = {}): string {
  const install = wantedBy === '' ? '' : `[Install]\nWantedBy=${wantedBy}\n`;
  return `[Unit]\n${unit}[Service]\n${sleep}${lines}${install}`;
}

const atBoot = { wantedBy: 'default.target' };

/** Units that others are tied to, by how they come back. */
export const keepers = ['again', 'never', 'direct', 'busy'] as const;

const keeperLines: Readonly<Record<(typeof keepers)[number], string>> = {
  again: 'Restart=always\nRestartSec=300ms\n',
  never: '',
  direct: 'Restart=always\nRestartSec=300ms\nRestartMode=direct\n',
  // It passes through "deactivating" on its way down.
  busy: 'Restart=always\nRestartSec=300ms\nRestartMode=direct\nExecStopPost=/bin/sleep 0.1\n',
};

const ties = {
  requires: 'Requires',
  requisite: 'Requisite',
  binds: 'BindsTo',
  part: 'PartOf',
  follows: 'StopPropagatedFrom',
} as const;

const tied = keepers.flatMap(keeper => {
  const other = `keeper-${keeper}.service`;
  const tiedUnits = Object.entries(ties).map(([name, directive]) => [
    `${name}-${keeper}.service`,
    service({ unit: `${directive}=${other}\nAfter=${other}\n`, ...atBoot }),
  ]);
  return [[other, service({ service: keeperLines[keeper], ...atBoot })], ...tiedUnits];
});

/** What stands in `~/.config/systemd/user` of every user. */
export const unitFiles: Tree = {
  ...Object.fromEntries(tied),

  // Pulled in or not.
  'plain.service': service(),
  'own.service': service({ unit: 'Wants=helper.service\n', ...atBoot }),
  'helper.service': service(),
  'multi.service': service({ wantedBy: 'multi-user.target' }),
  'idle.service': service({ wantedBy: 'graphical-session.target' }),
  'chained.service': service({ wantedBy: 'chain.target' }),
  'chain.target': '[Install]\nWantedBy=default.target\n',
  'by-hand.service': service(),
  'default.target.wants/by-hand.service': { link: '../by-hand.service' },
  'required.service': `${service()}[Install]\nRequiredBy=own.service\n`,
  'upheld-install.service': `${service()}[Install]\nUpheldBy=own.service\n`,
  'real.service': service(),
  'nick.service': { link: 'real.service' },
  'default.target.wants/nick.service': { link: '../real.service' },
  'many@.service': service(atBoot),
  'gone-wanted.service': service({ unit: 'Wants=gone.service\n', ...atBoot }),

  // Pulled in, and yet not started.
  'masked.service': { link: '/dev/null' },
  'lacking.service': service({ unit: 'Requires=gone.service\n', ...atBoot }),
  'lacking-too.service': service({ unit: 'Requires=lacking.service\n', ...atBoot }),
  'needs-masked.service': service({ unit: 'BindsTo=masked.service\n', ...atBoot }),
  'needs-refused.service': service({ unit: 'Requires=refused.service\n', ...atBoot }),
  'needs-idle.service': service({ unit: 'Requisite=plain.service\nAfter=plain.service\n', ...atBoot }),
  'half.target': '[Unit]\nRequires=gone.service\n[Install]\nWantedBy=default.target\n',
  'in-half.service': service({ wantedBy: 'half.target' }),
  'refused.service':
    '[Unit]\nWants=behind-refused.service\n[Service]\nRestart=always\n[Install]\nWantedBy=default.target\n',
  'behind-refused.service': service(),
  'behind-masked.service': service(),
  'masked.target': { link: '/dev/null' },
  'masked.target.wants/behind-masked.service': { link: '../behind-masked.service' },
  'default.target.wants/masked.target': { link: '../masked.target' },

  // Pulled in, and yet it cannot start.
  'winner.service': service({ unit: 'Conflicts=loser.service\n', ...atBoot }),
  'loser.service': service(atBoot),
  'unmet.service': service({ unit: 'ConditionPathExists=/none\n', ...atBoot }),
  'met.service': service({ unit: 'ConditionPathExists=|/none\nConditionPathExists=|!/none\n', ...atBoot }),
  'reset.service': service({ unit: 'ConditionPathExists=/none\nConditionUser=\n', ...atBoot }),
  'unasserted.service': service({ unit: 'AssertFileNotEmpty=/none\n', ...atBoot }),
  'no-folder.service': service({ service: 'WorkingDirectory=/none\n', ...atBoot }),
  'made-folder.service': service({ service: 'StateDirectory=made\nWorkingDirectory=%S/made\n', ...atBoot }),
  'no-variables.service': service({ service: 'EnvironmentFile=/none\n', ...atBoot }),
  'no-hook.service': service({ service: 'ExecStartPre=/none\n', ...atBoot }),
  'other-group.service': service({ service: 'Group=root\n', ...atBoot }),
  'able.service': service({ service: 'AmbientCapabilities=CAP_NET_ADMIN\n', ...atBoot }),

  // Started on demand.
  'sock.service': service(),
  'sock.socket': '[Socket]\nListenStream=%t/sock\nFlushPending=yes\n[Install]\nWantedBy=sockets.target\n',
  'foreign.service': service(),
  'other.socket':
    '[Socket]\nListenStream=%t/other\nFlushPending=yes\nService=foreign.service\n[Install]\nWantedBy=sockets.target\n',
  'deaf.service': service(),
  'deaf.socket': '[Socket]\nListenStream=%t/deaf\nFlushPending=yes\n[Install]\nWantedBy=multi-user.target\n',
  'accepting.service': service(),
  'accepting@.service': service(),
  'accepting.socket':
    '[Socket]\nListenStream=%t/accepting\nFlushPending=yes\nAccept=yes\n[Install]\nWantedBy=sockets.target\n',
  'mute.service': service(),
  'mute.socket': '[Socket]\nBacklog=1\n[Install]\nWantedBy=sockets.target\n',
  'inherits.service': service({ service: 'Sockets=given.socket\n', ...atBoot }),
  'given.socket': '[Socket]\nListenStream=%t/given\nFlushPending=yes\nService=inherits.service\n',
  'spool.service': service(),
  'spool.path': '[Path]\nPathExists=%h/spool-go\n[Install]\nWantedBy=paths.target\n',
  'tick.service': service(),
  'tick.timer': '[Timer]\nOnActiveSec=10min\n[Install]\nWantedBy=timers.target\n',
  'beat@.service': service(),
  'beat@.timer': '[Timer]\nOnActiveSec=10min\n[Install]\nWantedBy=timers.target\n',
  'called.service': service(),

  // Upheld.
  'upholder.service': service({ unit: 'Upholds=upheld.service\n', ...atBoot }),
  'upheld.service': service(),
  'upheld-tied.service': service({ unit: 'BindsTo=keeper-again.service\nAfter=keeper-again.service\n' }),
  'tied-upholder.service': service({ unit: 'Upholds=upheld-tied.service\n', ...atBoot }),
};

/** What `systemctl --user enable` is told. */
export const enabledUnits: readonly string[] = [
  ...Object.entries(unitFiles).flatMap(([name, text]) =>
    typeof text === 'string' && text.includes('[Install]') && !name.includes('@') ? [name] : [],
  ),
  'many@one.service',
  'beat@x.timer',
];

export const busService =
  '[D-BUS Service]\nName=org.example.Called\nExec=/bin/false\nSystemdService=called.service\n';

/** Services that are not tied to any keeper, to be killed and stopped one by one. */
export const endedServices: readonly string[] = [
  'plain',
  'upheld',
  'upheld-install',
  'sock',
  'foreign',
  'deaf',
  'accepting',
  'mute',
  'inherits',
  'spool',
  'tick',
  'beat@x',
  'called',
].map(name => `${name}.service`);

/** Services to be asked about; of each one it is known whether it runs. */
export const askedServices: readonly string[] = [
  ...Object.keys(unitFiles).filter(
    name => name.endsWith('.service') && !name.includes('/') && !name.includes('@'),
  ),
  'many@one.service',
  'beat@x.service',
].filter(name => name !== 'nick.service');

/** Units of the system manager. */
export const systemUnitFiles: Tree = {
  'sys-plain.service': service(),
  'sys-own.service': service({ wantedBy: 'multi-user.target' }),
  'sys-wrong.service': service({ wantedBy: 'nowhere.target' }),
  'sys-idle.service': service({ wantedBy: 'rescue.target' }),
  'sys-lacking.service': service({ unit: 'Requires=gone.service\n', wantedBy: 'multi-user.target' }),
  'sys-sock.service': service(),
  'sys-sock.socket': '[Socket]\nListenStream=/run/sys-sock\n[Install]\nWantedBy=sockets.target\n',
};

export const systemServices: readonly string[] = Object.keys(systemUnitFiles).filter(name =>
  name.endsWith('.service'),
);
