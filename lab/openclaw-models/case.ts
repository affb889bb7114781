/** Configurations of OpenClaw, and what the real program would ask with them. */

export interface Configuration {
  /** The texts of `openclaw.json`, of the files that it includes, and of `.env`, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables of the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A model, and the request by which the real program would ask for it. */
export interface Asked {
  readonly provider: string;
  readonly model: string;
  /** Undefined, as all that follows, where it knows no such model. */
  readonly baseUrl?: string;
  readonly api?: string;
  /** Undefined where it finds none, and then asks nobody. */
  readonly key?: string;
  /** By name in lower case; undefined where there are none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whom an agent asks: places in the list of all that are asked, in the order in which they are. */
export interface Chains {
  readonly id: string;
  readonly replies: readonly number[];
  /** Where a setting names a model for them. */
  readonly heartbeat: readonly number[] | null;
  readonly subagents: readonly number[] | null;
}

/** What the real program makes of a configuration. */
export interface Answer {
  /** What it refuses; null when it takes the configuration. */
  readonly refused: string | null;
  readonly asked: readonly Asked[];
  readonly agents: readonly Chains[];
}

/** What the real program makes of it, before and after `daruma failover apply`. */
export interface Recorded extends Configuration {
  readonly version: string;
  readonly before: Answer;
  /** Null where daruma changes nothing. */
  readonly after: (Answer & { /** Of the files that daruma writes. */ readonly digest: string }) | null;
}
