/** Figures of one run of the level, printed at its end beside their targets. They are reported, never asserted: hosts differ. */
export interface Figures {
  readonly note: (name: string, value: string, target?: string) => void;
  readonly print: () => void;
}

export function figures(): Figures {
  const lines: string[] = [];
  return {
    note: (name, value, target) => {
      lines.push(`  ${name}: ${value}${target === undefined ? '' : ` (target ${target})`}`);
    },
    print: () => {
      process.stdout.write(`\nfigures\n${lines.join('\n')}\n`);
    },
  };
}
