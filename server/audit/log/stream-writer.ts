import type { LineWriter } from "./log-backend.ts";

/** To a stream that others own: the process's standard output. */
export function streamWriter(stream: NodeJS.WritableStream): LineWriter {
  return {
    write: (lines) =>
      new Promise((resolve, reject) => {
        stream.write(Buffer.concat(lines), (error) => (error ? reject(error) : resolve()));
      }),
    close: () => Promise.resolve(),
  };
}
