import type { Connection } from "../../api/wire.ts";

/** After one side has said all it had to say, the other gets this long to answer. */
const lastWordsMs = 10_000;

/** Passes bytes both ways at the slower side's pace. When one side is gone the other goes too. */
export function joinConnections(one: Connection, other: Connection): void {
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearTimeout(timer);
    one.destroy();
    other.destroy();
  };
  const ending = (): void => {
    timer ??= setTimeout(close, lastWordsMs);
  };
  for (const side of [one, other]) side.on("error", close).once("close", close).once("end", ending);
  one.pipe(other);
  other.pipe(one);
}
