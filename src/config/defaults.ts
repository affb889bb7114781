/** Defaults of the configuration. They are known without its schema, which takes long to load. */

/** Defaults of probes. */
export const probeDefaults = { interval: '30s', timeout: '10s', failures: 3, grace: '60s' } as const;

/** Defaults of notifications: a message at once, and one reminder each day while the service stays down. */
export const notifyDefaults = { after: '0s', remind: '1d', log: 0, started: false } as const;

/** Defaults of channels. */
export const channelDefaults = {
  api: 'https://api.telegram.org',
  ntfyServer: 'https://ntfy.sh',
  security: 'tls',
} as const;
