/**
 * Chooses the few items that a report shows side by side, while the caller streams over the rows it scores anyway. Memory is
 * bounded by the number of items chosen.
 */
export interface ChosenExample {
  readonly itemId: string;
  readonly chosen: 'first-issued' | 'most-disagreement';
}

export interface ExampleChooser {
  /**
   * @param position index of the item in order of issue (a seeded permutation: its first items are a fair sample)
   * @param disagreement how far the jobs' scores of this item lie apart, in any unit; null when unknown
   */
  readonly offer: (itemId: string, position: number, disagreement: number | null) => void;
  /** First-issued items in order of issue, then those of greatest disagreement. */
  readonly chosen: () => ChosenExample[];
}

interface Candidate {
  readonly itemId: string;
  readonly position: number;
  readonly disagreement: number;
}

/** Eight first-issued items, and the four others on which the jobs disagree most. Offers may come in any order. */
export function createExampleChooser(
  limits: { firstIssued: number; mostDisagreement: number } = { firstIssued: 8, mostDisagreement: 4 },
): ExampleChooser {
  let first: Candidate[] = [];
  let apart: Candidate[] = [];
  return {
    offer: (itemId, position, disagreement) => {
      const candidate = { itemId, position, disagreement: disagreement ?? 0 };
      first = keep([...first, candidate], (a, b) => a.position - b.position, limits.firstIssued);
      // An item may be in both lists: keep enough candidates that the union is never short.
      if (candidate.disagreement > 0) {
        apart = keep(
          [...apart, candidate],
          (a, b) => b.disagreement - a.disagreement || a.position - b.position,
          limits.firstIssued + limits.mostDisagreement,
        );
      }
    },
    chosen: () => {
      const shown = new Set(first.map((candidate) => candidate.itemId));
      const others = apart.filter((candidate) => !shown.has(candidate.itemId)).slice(0, limits.mostDisagreement);
      return [
        ...first.map(({ itemId }) => ({ itemId, chosen: 'first-issued' as const })),
        ...others.map(({ itemId }) => ({ itemId, chosen: 'most-disagreement' as const })),
      ];
    },
  };
}

function keep(candidates: Candidate[], order: (a: Candidate, b: Candidate) => number, limit: number): Candidate[] {
  return candidates.sort(order).slice(0, limit);
}
