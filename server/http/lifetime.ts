/** How long a request is of interest to anybody. Most never ask for the signal, which would cost as much as their URL. */
export class Lifetime {
  #controller: AbortController | undefined;
  #ended: Error | undefined;

  get aborted(): boolean {
    return this.#ended !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  abort(why: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#controller?.abort(why);
  }
}
