import manifest from '../../package.json' with { type: 'json' };

/** daruma's own version, e.g. `0.1.0`. */
export const version: string = manifest.version;

/** Major version of the oldest Node that it runs on. */
export const oldestNode = Number(/\d+/.exec(manifest.engines.node)?.[0]);
