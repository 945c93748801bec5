/** The exchanges on their way: what a stop does to them, and to those that were about to begin. */
import { describe, expect, it } from 'vitest';
import { inFlight } from '../../lib/driver/in-flight.ts';

describe('a stop', () => {
  it('ends what is in flight, and not what has ended', () => {
    const flights = inFlight(60_000);
    const [over, open] = [flights.begin(), flights.begin()];
    flights.end(over);

    flights.abortAll('cancelled');

    expect([over.aborted, open.aborted, open.reason]).toEqual([false, true, 'cancelled']);
    flights.close();
  });

  it('lets nothing begin that was being prepared when it came', () => {
    const flights = inFlight(60_000);
    flights.abortAll('server-gone');

    const late = flights.begin();

    // Not with the reason of the others: it never reached the server, so it is no suspect.
    expect([late.aborted, late.reason]).toEqual([true, 'begun-after-stop']);
    flights.close();
  });
});
