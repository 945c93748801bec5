/**
 * Lets the driver read everything that has arrived before it works on any of it: answers that come in one burst then stop their clocks when
 * they arrive, not after the parsing of those before them. Called by the protocol adapters between an answer and its reading.
 */
let waiting: Promise<void> | null = null;

/** Resolves once the event loop has served the sockets that are ready now; one turn for all who wait. */
export function afterReads(): Promise<void> {
  waiting ??= new Promise((resolve) => {
    setImmediate(() => {
      waiting = null;
      resolve();
    });
  });
  return waiting;
}
