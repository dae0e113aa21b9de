/** What was asked for cannot be had; the message is one line that says what to change. */
export class OptionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OptionError";
  }
}
