/** Why daruma does not ask a provider of the chain. */
export type NotAskedReason =
  /** Its address is built into OpenClaw, or is not known. */
  | { readonly code: 'no-address' }
  | { readonly code: 'unknown-api'; readonly api: string }
  | { readonly code: 'not-declared' };
