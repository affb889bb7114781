/** Answers that are kept, for questions that are asked again. */

/** An answer that is worked out when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Answers that are worked out once for each question. */
export function remember<K, V>(ask: (key: K) => V): (key: K) => V {
  return rememberSome(Number.POSITIVE_INFINITY, ask);
}

/**
 * Answers to questions of which many are asked again and again, and some only once: all are forgotten when there are
 * too many.
 */
export function rememberSome<K, V>(most: number, ask: (key: K) => V): (key: K) => V {
  const known = new Map<K, { readonly value: V }>();
  return key => {
    let answer = known.get(key);
    if (answer === undefined) {
      answer = { value: ask(key) };
      if (known.size >= most) known.clear();
      known.set(key, answer);
    }
    return answer.value;
  };
}

/** Answers that are kept for the last question only: for what is asked of one thing several times in a row. */
export function rememberLast<K, V>(ask: (key: K) => V): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | undefined;
  return key => {
    if (last?.key !== key) last = { key, value: ask(key) };
    return last.value;
  };
}
