import { fork } from "node:child_process";
import { once } from "node:events";

/** Runs a program of this folder in a process of its own; resolves to what it sends, which is numbers. */
export async function runApart(program: URL, input: object): Promise<unknown> {
  const child = fork(program);
  const exited = once(child, "exit");
  child.send(input);
  const answer = await Promise.race([once(child, "message"), exited.then(() => undefined)]);
  await exited;
  if (answer === undefined) throw new Error(`${program.pathname} ended without a result`);
  return answer[0];
}

/** The other end: the program's work, whose result is sent. */
export function workApart<Input, Result>(work: (input: Input) => Promise<Result>): void {
  process.once("message", (input) => {
    void work(input as Input).then((result) => process.send?.(result, () => process.disconnect()));
  });
}
