/** Configurations that are asked besides the drawn ones: how far one request goes through lists that are longer than drawn ones. */
import { stringify } from 'yaml';
import type { Question } from './case.ts';

interface Lists {
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly most?: number;
  /** Fallbacks for prompts that are too long. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** Models with so many deployments, each of a higher order than the one before. */
  readonly orders?: Readonly<Record<string, number>>;
  readonly forAll?: readonly string[];
}

const cases: readonly Lists[] = [
  // A later entry of a list is nearer to the end.
  ...[1, 2, 3].map(most => ({ lists: { a: ['b', 'c'], c: ['d'], d: ['e'] }, most })),
  { lists: { a: ['b', 'c', 'd', 'e', 'f', 'g'], b: ['h'], e: ['i'], f: ['j'] } },
  // What was tried before does not count.
  ...[2, 3].map(most => ({ lists: { a: ['b'], b: ['a', 'c', 'd'], c: ['e'], d: ['f'] }, most })),
  ...[2, 3, 4].map(most => ({ lists: { a: ['b', 'c'], b: ['d'], c: ['b', 'd', 'e'], e: ['f'] }, most })),
  // Deployments of a higher order are entries of the list.
  ...[2, 3, 4].map(most => ({ lists: { a: ['b', 'c'], b: ['d'], c: ['e'] }, orders: { a: 3 }, most })),
  // What has no list goes on with that of the first.
  ...[1, 2].map(most => ({ lists: { a: ['b', 'c'], c: ['d'] }, forAll: ['e'], most })),
  { lists: { a: ['b'], b: ['c'] }, forAll: ['d', 'e'], most: 2 },
  // Rings.
  { lists: { a: ['b'], b: ['c'], c: ['a', 'd'] }, most: 3 },
  { lists: { a: ['b'], b: ['c'], c: ['a', 'd'] }, context: { a: ['c'], c: ['b'], b: ['d'] }, most: 2 },
];

export const keptQuestions: readonly Question[] = cases.map(
  ({ lists, most, context, orders = {}, forAll }): Question => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const mappings = (each: Lists['lists']) => Object.entries(each).map(([from, to]) => ({ [from]: to }));
    const document = {
      model_list: names.flatMap((name, index) =>
        Array.from({ length: orders[name] ?? 1 }, (_, order) => ({
          model_name: name,
          litellm_params: {
            model: `openai/${name}`,
            api_base: `http://127.0.0.1:${4000 + index * 10 + order}/v1`,
            api_key: 'sk-literal',
            ...(orders[name] === undefined ? {} : { order: order + 1 }),
          },
        })),
      ),
      router_settings: {
        fallbacks: mappings(lists),
        ...(context === undefined ? {} : { context_window_fallbacks: mappings(context) }),
        ...(forAll === undefined ? {} : { default_fallbacks: forAll }),
        ...(most === undefined ? {} : { max_fallbacks: most }),
      },
      general_settings: { master_key: 'sk-key-1' },
    };
    return { files: { 'config.yaml': stringify(document, { lineWidth: 0 }) }, variables: {}, names };
  },
);
