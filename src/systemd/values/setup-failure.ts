/** The exit statuses with which systemd ends a process that it could not prepare, so that the program itself never ran. */
import { exitStatusName } from './exit-status.ts';

/** A step of the preparation, and the settings that it carries out. */
export interface SetupFailure {
  /** As systemd names it in the log: `Failed at step GROUP spawning ...`. */
  readonly step: string;
  /** With their `=`; empty where no setting of the unit stands behind the step. */
  readonly settings: readonly string[];
}

/**
 * The step at which systemd ended a process before its program ran; undefined for every other exit status.
 *
 * Source: systemd.exec(5), "Process Exit Codes"; the callers of `*exit_status =` in `src/core/exec-invoke.c`.
 */
export function setupFailureOf(status: number): SetupFailure | undefined {
  const step = exitStatusName(status);
  const settings = settingsOf[status];
  return step === undefined || settings === undefined ? undefined : { step, settings };
}

const settingsOf: Readonly<Record<number, readonly string[]>> = {
  200: ['WorkingDirectory='],
  201: ['Nice='],
  202: [],
  203: ['ExecStart='],
  204: [],
  205: ['Limit…='],
  206: ['OOMScoreAdjust='],
  207: [],
  208: ['StandardInput='],
  209: ['StandardOutput='],
  210: ['RootDirectory=', 'RootImage='],
  211: ['IOSchedulingClass=', 'IOSchedulingPriority='],
  212: ['TimerSlackNSec='],
  213: ['SecureBits='],
  214: ['CPUSchedulingPolicy=', 'CPUSchedulingPriority='],
  215: ['CPUAffinity='],
  216: ['User=', 'Group=', 'SupplementaryGroups='],
  217: ['User=', 'DynamicUser='],
  218: ['CapabilityBoundingSet=', 'AmbientCapabilities='],
  219: [],
  220: [],
  221: [],
  222: ['StandardError='],
  224: ['PAMName='],
  225: ['PrivateNetwork=', 'NetworkNamespacePath='],
  // Whatever a mount namespace is made for; these are the usual ones.
  226: ['ReadWritePaths=', 'BindPaths=', 'ProtectSystem=', 'PrivateTmp='],
  227: ['NoNewPrivileges='],
  228: ['SystemCallFilter='],
  229: ['SELinuxContext='],
  230: ['Personality='],
  231: ['AppArmorProfile='],
  232: ['RestrictAddressFamilies='],
  233: ['RuntimeDirectory='],
  235: ['StandardInput=', 'TTYPath='],
  236: ['SmackProcessLabel='],
  237: ['KeyringMode='],
  238: ['StateDirectory='],
  239: ['CacheDirectory='],
  240: ['LogsDirectory='],
  241: ['ConfigurationDirectory='],
  242: ['NUMAPolicy=', 'NUMAMask='],
  243: ['LoadCredential=', 'SetCredential='],
  244: ['RestrictFileSystems='],
  245: ['MemoryKSM='],
  246: ['MemoryTHP='],
};
