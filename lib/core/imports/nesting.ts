/** Whether a value from outside is nested so deep that functions which call themselves could not follow it. Called before an import keeps the value. */

const MAX_NESTING = 64;

/** True for more than 64 levels of lists and objects; does not call itself. */
export function isNestedTooDeep(value: unknown): boolean {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth >= MAX_NESTING) return true;
    for (const child of Object.values(next.value)) open.push({ value: child, depth: next.depth + 1 });
  }
  return false;
}

export const NESTED_TOO_DEEP = `it is nested deeper than ${MAX_NESTING} levels`;
