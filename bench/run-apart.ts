import { fork } from "node:child_process";
import { once } from "node:events";

/** Runs a program of this folder in a process of its own; resolves to what it sends, which is JSON. */
export async function runApart(program: URL, input: object): Promise<unknown> {
  const child = fork(program, [JSON.stringify(input)]);
  const exited = once(child, "exit").then(() => undefined);
  const answer = await Promise.race([once(child, "message"), exited]);
  await exited;
  if (answer === undefined) throw new Error(`${program.pathname} ended without a result`);
  return answer[0];
}

/** The other end: the program's work, whose result is sent. */
export async function workApart<Input, Result>(work: (input: Input) => Promise<Result>): Promise<void> {
  const result = await work(JSON.parse(process.argv[2] ?? "{}") as Input);
  process.send?.(result, () => process.disconnect());
}
