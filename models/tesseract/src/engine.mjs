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
  const dataFolder = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
  const tesseract = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: join(dataFolder, '4.0.0_best_int'),
    gzip: true,
    cacheMethod: 'none',
    errorHandler: () => {}, // the rejected promise says the same, and the default throws where nobody catches
  });
  tesseract.worker.on('error', onCrash);
  let busy = 0;
  let last = Promise.resolve();

  async function recogniseNow(image, psm) {
    await tesseract.setParameters({ tessedit_pageseg_mode: String(psm) });
    const { data } = await tesseract.recognize(image, {}, { text: true });
    return data.text.trim();
  }

  return {
    /** Images that wait or are being recognised. */
    load: () => busy,
    /**
     * Text of one image, in the order of the calls. What is left waiting when its signal aborts is not recognised.
     * @param {Buffer} image PNG
     * @param {number} psm page segmentation mode
     * @param {AbortSignal} signal
     * @returns {Promise<string>}
     */
    recognise(image, psm, signal) {
      busy++;
      const result = last
        .then(() => {
          signal.throwIfAborted();
          return recogniseNow(image, psm);
        })
        .finally(() => busy--);
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
