/** Stands for a port that a function has no right to: whoever reaches it has taken a wrong way. */

/** A function that throws, naming itself. */
export function notHere(name: string): (...args: readonly unknown[]) => never {
  return () => {
    throw new Error(`${name} is not this function's to answer`);
  };
}
