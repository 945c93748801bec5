/**
 * The answer to a chat completion, whole or as a stream of events. Tesseract has no tokens: usage is left out rather than
 * made up, and a stream holds the text in one piece, when it is there.
 */
import { randomUUID } from 'node:crypto';

/** @param {string} model @param {string} text */
export function completion(model, text) {
  return {
    ...header('chat.completion', model),
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  };
}

/** The lines of the event stream, `[DONE]` included. */
export function completionEvents(model, text) {
  const head = header('chat.completion.chunk', model);
  const chunks = [
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ];
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
}

function header(object, model) {
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}
