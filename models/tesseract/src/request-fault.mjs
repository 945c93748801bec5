/**
 * What is wrong with a request, in the words and the shape of the openai-chat protocol. Thrown by whoever reads a part of
 * a request, answered by the server.
 */
export class RequestFault extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} code stable, for programs
   * @param {string} message value seen and value expected, for people
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @param {{status: number, code: string, message: string}} fault */
export function errorBody({ status, code, message }) {
  return { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code } };
}
