/** Numbers that come one at a time and are kept at eight bytes each. Used while tables are read. */

export interface GrowingNumbers {
  readonly push: (value: number) => void;
  readonly values: () => Float64Array;
}

const FIRST_CAPACITY = 64;

/** Grows by half, so that at most a third of the memory is unused. */
export function growingNumbers(): GrowingNumbers {
  let store = new Float64Array(FIRST_CAPACITY);
  let length = 0;
  return {
    push: (value) => {
      if (length === store.length) {
        const larger = new Float64Array(Math.ceil(length * 1.5));
        larger.set(store);
        store = larger;
      }
      store[length++] = value;
    },
    values: () => store.subarray(0, length),
  };
}
