/** Takes a change out of a value that others have changed since, and compares two values. */
import { isDeepStrictEqual } from 'node:util';
import { isList, isMapping } from './value.ts';

/**
 * The value without a change that was made to it earlier; what others changed since stays. A value that is not there is undefined.
 *
 * @param before the value before the change
 * @param after the value after the change
 * @param now the value as others have left it
 * @returns undefined when they changed the same in another way
 */
export function withoutChange(
  before: unknown,
  after: unknown,
  now: unknown,
): { readonly value: unknown } | undefined {
  if (now === undefined || isDeepStrictEqual(before, after)) return { value: now };
  if (isDeepStrictEqual(now, after) || isDeepStrictEqual(now, before)) return { value: before };
  // What the change has made is removed with the last thing in it.
  if (isMapping(after) && isMapping(now) && (before === undefined || isMapping(before))) {
    const members = membersWithout(before ?? {}, after, now);
    const isEmptied = before === undefined && members !== undefined && Object.keys(members).length === 0;
    return members && { value: isEmptied ? undefined : members };
  }
  if (isList(after) && isList(now) && (before === undefined || isList(before))) {
    const items = itemsWithout(before ?? [], after, now);
    return items && { value: before === undefined && items.length === 0 ? undefined : items };
  }
  return undefined;
}

function membersWithout(
  before: Members,
  after: Members,
  now: Members,
): Readonly<Record<string, unknown>> | undefined {
  const members: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const wasRemoved = memberOf(after, key) === undefined && memberOf(now, key) === undefined;
    const member = wasRemoved
      ? { value: memberOf(before, key) }
      : withoutChange(memberOf(before, key), memberOf(after, key), memberOf(now, key));
    if (member === undefined) return undefined;
    if (member.value !== undefined) members.push([key, member.value]);
  }
  return Object.fromEntries(members);
}

type Members = Readonly<Record<string, unknown>>;

function memberOf(members: Members, key: string): unknown {
  return Object.hasOwn(members, key) ? members[key] : undefined;
}

/** Takes out the items that the change added. Where it removed some, nobody knows where they would belong now. */
function itemsWithout(
  before: readonly unknown[],
  after: readonly unknown[],
  now: readonly unknown[],
): readonly unknown[] | undefined {
  if (Math.max(after.length, now.length) > mostItems) return undefined;
  const added = lessOf(after, before);
  return added && lessOf(now, added);
}

/** Each item is compared with each. */
const mostItems = 1000;

/** The items of a list without those of another one; undefined when not all of these are in the list. */
function lessOf(list: readonly unknown[], others: readonly unknown[]): readonly unknown[] | undefined {
  const left = [...list];
  for (const other of others) {
    const index = left.findIndex(item => isDeepStrictEqual(item, other));
    if (index === -1) return undefined;
    left.splice(index, 1);
  }
  return left;
}

export type ValuePath = readonly (string | number)[];

/** One edit; undefined removes the value. */
export interface ValueEdit {
  readonly path: ValuePath;
  readonly value: unknown;
}

/** The edits that make one value of another, in their order: an index is that after the edits before it. */
export function editsBetween(from: unknown, to: unknown, path: ValuePath = []): readonly ValueEdit[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (isMapping(from) && isMapping(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap(key => editsBetween(memberOf(from, key), memberOf(to, key), [...path, key]));
  }
  const removed = isList(from) && isList(to) ? indexesLeftOut(from, to) : undefined;
  return removed?.map(index => ({ path: [...path, index], value: undefined })) ?? [{ path, value: to }];
}

/** The indexes of the items that are not in the other list, the last one first; undefined when it has others or another order. */
function indexesLeftOut(list: readonly unknown[], other: readonly unknown[]): readonly number[] | undefined {
  const indexes: number[] = [];
  let found = 0;
  for (const [index, item] of list.entries()) {
    if (found < other.length && isDeepStrictEqual(item, other[found])) found += 1;
    else indexes.unshift(index);
  }
  return found === other.length ? indexes : undefined;
}
