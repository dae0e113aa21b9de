/** Keeps keys back until those who work on them may begin. Its bound is that of the queue behind it. */
export class StartingGate {
  readonly #behind: (key: string) => void;
  #held: Set<string> | undefined = new Set();

  constructor(behind: (key: string) => void) {
    this.#behind = behind;
  }

  add(key: string): void {
    if (this.#held === undefined) this.#behind(key);
    else this.#held.add(key);
  }

  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const key of held) this.#behind(key);
  }
}
