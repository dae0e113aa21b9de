/** What a file says: it may change while the server runs. */
export interface Changing<T> {
  readonly current: T;
  /** Calls with each further value. */
  onChange(call: (value: T) => void): void;
}

export function unchanging<T>(current: T): Changing<T> {
  return { current, onChange: () => undefined };
}
