/** What `daruma config` can be asked for; `show` where nothing is said. */
export const configActions = ['show', 'path', 'schema', 'validate'] as const;
