/**
 * Tesseract in a thread of its own, one image at a time. Its code and its English data come from the installed packages;
 * nothing is fetched and nothing is written. Knows nothing of HTTP.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createWorker, OEM } from 'tesseract.js';

/**
 * Loads the engine; rejects when it cannot be.
 * @param {{onCrash: (error: Error) => void}} events onCrash: the thread died, nothing can be recognised any more
 */
export async function startEngine({ onCrash }) {
  let tesseract = await startThread(onCrash);
  let waiting = 0;
  let last = Promise.resolve();

  async function recogniseNow(image, psm, signal) {
    signal.throwIfAborted();
    const aborted = new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    try {
      return await Promise.race([readText(tesseract, image, psm), aborted]);
    } catch (error) {
      if (signal.aborted) await replaceThread();
      throw error;
    }
  }

  /** Recognition cannot be interrupted, and some images take minutes: the thread goes, so that the next image can start. */
  async function replaceThread() {
    await tesseract.terminate();
    try {
      tesseract = await startThread(onCrash);
    } catch (error) {
      onCrash(error);
    }
  }

  return {
    /** Images that wait or are being recognised. */
    load: () => waiting,
    /**
     * Text of one image, in the order of the calls. Rejects when the signal aborts, whether the image still waits or not.
     * @param {Buffer} image PNG
     * @param {number} psm page segmentation mode
     * @param {AbortSignal} signal
     * @returns {Promise<string>}
     */
    recognise(image, psm, signal) {
      waiting++;
      const result = last.then(() => recogniseNow(image, psm, signal)).finally(() => waiting--);
      last = result.catch(() => {});
      return result;
    },
    /** Waits for the accepted images, then ends the thread. */
    async stop() {
      await last;
      await tesseract.terminate();
    },
  };
}

async function startThread(onCrash) {
  const dataFolder = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
  const tesseract = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: join(dataFolder, '4.0.0_best_int'),
    gzip: true,
    cacheMethod: 'none',
    errorHandler: () => {}, // the rejected promise says the same, and the default throws where nobody catches
  });
  tesseract.worker.on('error', onCrash);
  return tesseract;
}

async function readText(tesseract, image, psm) {
  await tesseract.setParameters({ tessedit_pageseg_mode: String(psm) });
  const { data } = await tesseract.recognize(image, {}, { text: true });
  return data.text.trim();
}
