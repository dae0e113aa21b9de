import { AuthenticationError } from "./authenticator.ts";

/** What those who were asked in turn had against the credentials. */
export class GatheredRefusals {
  readonly #refusals: AuthenticationError[] = [];

  /** Anything but a refusal is a fault of ours, and is thrown on. */
  add(thrown: unknown): void {
    if (!(thrown instanceof AuthenticationError)) throw thrown;
    this.#refusals.push(thrown);
  }

  /** In the form of upstream's aggregates; undefined where nobody refused anything. */
  get message(): string | undefined {
    const [first] = this.#refusals;
    if (first === undefined) return undefined;
    const said = [...new Set(this.#refusals.map(({ message }) => message))];
    return said.length === 1 ? first.message : `[${said.join(", ")}]`;
  }
}
