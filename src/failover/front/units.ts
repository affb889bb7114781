/**
 * The units of the front. The manager holds the socket, so that nobody is refused while HAProxy is restarted.
 *
 * Sources: systemd.socket(5), systemd.service(5); run: HAProxy 2.6.12 on systemd 252.
 */
import { frontPortVariable } from '../../services/front.ts';
import { quoted, literal } from '../../systemd/values/written-word.ts';
import { namesVariable, socketVariable } from './haproxy-config.ts';

export const frontService = 'daruma-front.service';
export const frontSocket = 'daruma-front.socket';

/** The folder of its own below the runtime folder of the manager. */
export const runtimeFolder = 'daruma-front';

export interface FrontUnits {
  /** The path of HAProxy. */
  readonly haproxy: string;
  readonly port: number;
  /** The files of its configuration, in the order in which they are read. */
  readonly files: readonly string[];
  readonly texts: {
    /** First line of each file. */
    readonly head: string;
    readonly service: string;
    readonly socket: string;
    /** Why it is started again so soon. */
    readonly soon: string;
    /** Why nothing asks whether it hangs: HAProxy's own watchdog (its management guide, "wdt"). */
    readonly watched: string;
  };
}

/** The texts of the units, by name. */
export function frontUnits({ haproxy, port, files, texts }: FrontUnits): ReadonlyMap<string, string> {
  const words = (...each: readonly string[]) => each.map(word => quoted(literal(word))).join(' ');
  const configured = files.flatMap(file => ['-f', file]);
  const checked = ['/usr/bin/env', `${socketVariable}=127.0.0.1:${port}`, haproxy, '-c', '-q', ...configured];
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
Environment=${frontPortVariable}=${port} ${socketVariable}=fd@3
EnvironmentFile=-%t/${runtimeFolder}/environment
ExecStartPre=/bin/sh -c '[ ! -e /etc/resolv.conf ] || echo ${namesVariable}=1 >"$RUNTIME_DIRECTORY/environment"'
ExecStart=${words(haproxy, '-Ws', ...configured)}
ExecReload=${words(...checked)}
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
SuccessExitStatus=143
Restart=always
# daruma: ignore restart-delay-busy-loop ${texts.soon}
RestartSec=100ms
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
  ]);
}
