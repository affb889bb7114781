/** Configurations of LiteLLM, and what the real program would ask with them. */

export interface Question {
  /** The texts of `config.yaml` and of the files that it includes, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables of the environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** The models that it is asked for. */
  readonly names: readonly string[];
}

/** How the upstreams fail, which decides what LiteLLM falls back to. */
export type Failure = 'error' | 'context' | 'policy';

/** A request that LiteLLM would send. */
export interface Sent {
  readonly url: string;
  readonly model: string | null;
  readonly key: string | null;
}

export interface Asked {
  /** In the order in which they are sent when each of them fails. */
  readonly requests: readonly Sent[];
  /** `unknown`: it is refused before it gets to the router. */
  readonly error: string | null;
}

type Start =
  | { readonly fails: string; readonly said: string }
  | {
      readonly masterKey: string | null;
      /** What is wrong with the master key. */
      readonly weak: 'not_set' | 'empty' | 'publicly_known' | null;
      /** Whether it does not start for that. */
      readonly refuses: boolean;
    };

/** What the real program makes of a question. */
export interface Answer {
  readonly start: Start;
  /** By name; undefined when it does not start. */
  readonly asked?: Readonly<Record<string, Readonly<Record<Failure, Asked>>>>;
}

/** The parts of an answer that a recording has: what is asked after another failure stands there only where it differs. */
export interface Recorded extends Question, Pick<Answer, 'start'> {
  readonly asked?: Readonly<
    Record<string, Pick<Record<Failure, Asked>, 'error'> & Partial<Record<Failure, Asked>>>
  >;
}

export interface Recording {
  readonly version: string;
  /** The names that it takes for providers. */
  readonly providers: readonly string[];
  readonly cases: readonly Recorded[];
}
