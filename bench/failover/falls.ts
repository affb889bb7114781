/** The ways in which a machine's LiteLLM, or what it asks, fails while it is asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../lab/host.ts';
import { setUpstream, setUpstreamRoute, systemctl } from '../../test/failover/machine.ts';

export interface Fall {
  readonly what: string;
  /** Requests at 20 a second, the first of them two seconds before the fall. */
  readonly count: number;
  readonly begin: (host: Host) => Promise<void>;
  readonly end: (host: Host) => Promise<void>;
}

const killed = async (host: Host) => {
  await systemctl(host, 'kill', '--signal=KILL', 'litellm');
};

export const falls = {
  stop: {
    what: 'LiteLLM stopped',
    count: 200,
    begin: async host => {
      await systemctl(host, 'stop', 'litellm');
    },
    end: async host => {
      await systemctl(host, 'start', 'litellm');
    },
  },
  kill: {
    what: 'LiteLLM killed (-9) three times',
    count: 1000,
    begin: async host => {
      for (const pause of [16_000, 16_000, 0]) {
        await killed(host);
        await sleep(pause);
      }
    },
    end: () => Promise.resolve(),
  },
  hang: {
    what: 'LiteLLM hangs (SIGSTOP)',
    count: 400,
    begin: async host => {
      await systemctl(host, 'kill', '--signal=STOP', 'litellm');
    },
    end: async host => {
      await systemctl(host, 'kill', '--signal=CONT', 'litellm');
    },
  },
  cut: {
    what: 'way to its upstream cut',
    count: 200,
    begin: host => setUpstreamRoute(host, 'down'),
    end: host => setUpstreamRoute(host, 'up'),
  },
  refusal: {
    what: 'upstream answers 503',
    count: 200,
    begin: host => setUpstream(host, 'down'),
    end: host => setUpstream(host, 'up'),
  },
} as const satisfies Record<string, Fall>;
