/**
 * The end of a container, or of its daemon. The client's own wait never answers when the daemon goes away in the middle of it, so the container
 * is looked at meanwhile. Called for models and drivers.
 */
import type { Container } from 'dockerode';

const LOOK_MS = 2_000;

/** The exit code. Rejects when the daemon cannot be asked any more, or the container is gone. */
export async function awaitExit(container: Container): Promise<number> {
  let over = false;
  const looked = async (): Promise<number> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (over) return Number.NaN;
      const { State } = await container.inspect();
      if (!State.Running) return State.ExitCode;
    }
  };
  const waited = async (): Promise<number> => {
    const { StatusCode } = await container.wait();
    return Number(StatusCode);
  };
  try {
    return await Promise.race([waited(), looked()]);
  } finally {
    over = true;
  }
}
