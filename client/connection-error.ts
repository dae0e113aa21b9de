/**
 * The server could not be asked, or did not answer to the end: whether it acted on the request is unknown. To be tried
 * again, unlike an ApiError, which is an answer.
 */
export class ConnectionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConnectionError";
  }
}
