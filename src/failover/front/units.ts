/**
 * The units of the front. The manager holds the socket, so that nobody is refused while HAProxy is restarted.
 *
 * Sources: systemd.socket(5), systemd.service(5); run: HAProxy 2.6.12 on systemd 252.
 */
import { frontPortVariable } from '../../services/front.ts';
import { quoted, literal } from '../../systemd/values/written-word.ts';
import { frontMovesService, frontMovesSocket, frontService, frontSocket } from '../../systemd/own-units.ts';
import {
  authoritiesVariable,
  movesSocket,
  namesVariable,
  type OtherPlace,
  sectionOf,
  socketVariable,
} from './haproxy-config.ts';

/** The folder of its own below the runtime folder of the manager. */
export const runtimeFolder = 'daruma-front';

/**
 * Without it glibc asks the kernel for each buffer of a megabyte anew and gives it back after each request: 3.4 ms of each, and 0.5 with
 * it (ran: HAProxy 2.6.12). Other C libraries do not read it. Source: mallopt(3).
 */
const keptMemory = 'MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=16777216';

export interface FrontUnits {
  /** The path of HAProxy. */
  readonly haproxy: string;
  readonly port: number;
  /** The files of its configuration, in the order in which they are read. */
  readonly files: readonly string[];
  /** The files with certificate authorities to trust. */
  readonly authorities: readonly string[];
  /** What notes who answers; undefined where nobody is told. */
  readonly moves: Moves | undefined;
  readonly texts: {
    /** First line of each file. */
    readonly head: string;
    readonly service: string;
    readonly socket: string;
    /** Why it is started again so soon. */
    readonly soon: string;
    /** Why nothing asks whether it hangs: HAProxy's own watchdog (its management guide, "wdt"). */
    readonly watched: string;
    readonly moves: string;
  };
}

/** Makes the command that notes who answers. @param places the local one, and the others in their order, each in one line */
export type MovesCommand = (places: readonly string[]) => string;

interface Moves {
  readonly command: MovesCommand;
  /** The service of the local LiteLLM. */
  readonly local: string;
  readonly others: readonly Pick<OtherPlace, 'name'>[];
}

/**
 * The texts of the units, by name. On SIGTERM HAProxy ends at once, unless it hangs: with a worker that was stopped (SIGSTOP) a restart took
 * the usual 90 s (ran), in which clients wait.
 */
export function frontUnits({
  haproxy,
  port,
  files,
  authorities,
  moves,
  texts,
}: FrontUnits): ReadonlyMap<string, string> {
  const words = (...each: readonly string[]) => each.map(word => quoted(literal(word))).join(' ');
  const configured = files.flatMap(file => ['-f', file]);
  const checked = ['/usr/bin/env', `${socketVariable}=127.0.0.1:${port}`, haproxy, '-c', '-q', ...configured];
  // A file that is gone by then keeps the others from nothing.
  const together = `/bin/sh -c 'for file; do cat "$file"; echo; done >"$${authoritiesVariable}"' sh ${words(...authorities)}`;
  const [ofAuthorities, beforeStart, beforeReload] =
    authorities.length > 1
      ? [
          ` ${authoritiesVariable}=%t/${runtimeFolder}/authorities.pem`,
          `ExecStartPre=${together}\n`,
          `ExecReload=${together}\n`,
        ]
      : ['', '', ''];
  return new Map([
    [
      frontSocket,
      `# ${texts.head}
[Unit]
Description=${texts.socket}

[Socket]
ListenStream=127.0.0.1:${port}

[Install]
WantedBy=sockets.target
`,
    ],
    // Without a file of name servers, as at a boot without a network, HAProxy would refuse its whole configuration.
    [
      frontService,
      `# ${texts.head}
[Unit]
Description=${texts.service}
Requires=${frontSocket}
After=${frontSocket}
StartLimitIntervalSec=0

# daruma: ignore no-hang-detection ${texts.watched}
[Service]
Type=notify
Environment=${frontPortVariable}=${port} ${socketVariable}=fd@3${ofAuthorities}
Environment=${keptMemory}
EnvironmentFile=-%t/${runtimeFolder}/environment
ExecStartPre=/bin/sh -c '[ ! -e /etc/resolv.conf ] || echo ${namesVariable}=1 >"$RUNTIME_DIRECTORY/environment"'
${beforeStart}ExecStart=${words(haproxy, '-Ws', ...configured)}
${beforeReload}ExecReload=${words(...checked)}
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
SuccessExitStatus=143
Restart=always
# daruma: ignore restart-delay-busy-loop ${texts.soon}
RestartSec=100ms
TimeoutStopSec=5s
RuntimeDirectory=${runtimeFolder}
RuntimeDirectoryMode=0700
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6

[Install]
WantedBy=default.target
`,
    ],
    ...(moves === undefined ? [] : movesUnits(moves, texts)),
  ]);
}

/**
 * HAProxy logs to a socket of the manager's, so that nothing of ours runs while nothing changes. A queue that is full, or a socket that is
 * missing, loses lines, and keeps HAProxy from nothing (ran).
 */
function movesUnits(
  { command, local, others }: Moves,
  { head, moves }: FrontUnits['texts'],
): readonly (readonly [name: string, text: string])[] {
  // A name is one line of a sign.
  const places = [local, ...others.map((other, index) => `${sectionOf(other, index)} ${other.name}`)];
  const oneLine = places.map(place => place.replaceAll(/\s+/g, ' '));
  return [
    [
      frontMovesSocket,
      `# ${head}
[Unit]
Description=${moves}

[Socket]
ListenDatagram=%t/${movesSocket}
SocketMode=0600

[Install]
WantedBy=sockets.target
`,
    ],
    [
      frontMovesService,
      `# ${head}
[Unit]
Description=${moves}
StartLimitIntervalSec=0

[Service]
Type=oneshot
StandardInput=socket
StandardOutput=journal
ExecStart=${command(oneLine)}
TimeoutStartSec=30
LogLevelMax=notice
`,
    ],
  ];
}
