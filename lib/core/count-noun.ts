/** "1 task", "2 tasks": a count with its noun in texts for people. For nouns that take an s and no more. */
export function countNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
