/** Configurations of OpenClaw, and which models the real program would ask with them. */

export interface Configuration {
  /** The texts of `openclaw.json` and of the files that it includes, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables of the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A model, and the address at which the real program would ask for it; null where it knows no such model. */
export interface Asked {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string | null;
}

/** What the real program makes of a configuration. */
export interface Resolved extends Configuration {
  readonly version: string;
  /** Whether it takes the configuration. */
  readonly isValid: boolean;
  readonly agents: readonly {
    readonly id: string;
    /** In the order in which they are asked. */
    readonly replies: readonly Asked[];
    /** Where a setting names a model for them. */
    readonly heartbeat: readonly Asked[] | null;
    readonly subagents: readonly Asked[] | null;
  }[];
}
