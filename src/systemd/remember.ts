/** Functions that keep their answers, for questions that are asked repeatedly. */

/** Computes an answer when it is first asked for, and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Computes the answer to each question once, and keeps all answers. */
export function remember<K, V>(ask: (key: K) => V): (key: K) => V {
  return rememberSome(Number.POSITIVE_INFINITY, ask);
}

/**
 * Keeps up to `most` answers, and forgets all of them when there would be one more. It is meant for questions most of
 * which are asked again and again, and some only once.
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

/** Keeps the answer to the last question only: for a question that is asked several times in a row. */
export function rememberLast<K, V>(ask: (key: K) => V): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | undefined;
  return key => {
    if (last?.key !== key) last = { key, value: ask(key) };
    return last.value;
  };
}
