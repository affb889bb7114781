/** Why a provider of the chain is not asked. */
export type NotAskedReason =
  /** OpenClaw has its address built in, or it is not known. */
  | { readonly code: 'no-address' }
  | { readonly code: 'unknown-api'; readonly api: string }
  | { readonly code: 'not-declared' };
