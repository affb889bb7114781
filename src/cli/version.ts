import manifest from '../../package.json' with { type: 'json' };

/** Version of daruma, such as `0.1.0`. */
export const version: string = manifest.version;

/** The oldest major version of Node that can run daruma. */
export const oldestNode = Number(/\d+/.exec(manifest.engines.node)?.[0]);
