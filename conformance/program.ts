import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { realClock } from "../base/clock.ts";
import { createLimiter } from "./limiter.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** An installed client with a home of its own. */
export interface Program extends AsyncDisposable {
  /** A folder for files that tests make; removed with the rest. */
  readonly home: string;
  /** Whatever the exit code. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** The standard output of a command that must succeed. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** A command that must exit with this code. */
  exits(code: number, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** A command that runs until it is stopped (`get -w`, `proxy`). */
  start(args: readonly string[]): Running;
}

export interface Running extends AsyncDisposable {
  readonly text: () => string;
  /** Resolves with the output so far as soon as it satisfies the condition. */
  until(condition: (stdout: string) => boolean): Promise<string>;
  /** Resolves when it has exited with 0 of its own accord. */
  ended(): Promise<void>;
}

export interface Installed {
  readonly name: string;
  readonly binary: string;
  readonly home: string;
  /** Before all others. */
  readonly args?: readonly string[];
  /** Beside PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
}

const limitMs = 40_000;
/** Processes of a program at the same time: twice the cores of the reference machine, for some only wait. */
const parallel = 4;

export function createProgram({ name, binary, home, args: first = [], env: always }: Installed): Program {
  const limited = createLimiter(parallel);
  const running = new Set<ChildProcessWithoutNullStreams>();

  function launch(args: readonly string[], { env = {}, cwd = home }: RunOptions): ChildProcessWithoutNullStreams {
    const child = spawn(binary, [...first, ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: home, ...always, ...env },
    });
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  }

  async function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return limited(async () => {
      const started = realClock.now();
      const outcome = await finish(launch(args, options), options.stdin);
      return { ...outcome, milliseconds: realClock.now() - started };
    });
  }

  async function exits(code: number, args: readonly string[], options?: RunOptions): Promise<Outcome> {
    const outcome = await run(args, options);
    if (outcome.code !== code) throw new Error(story([name, ...args], outcome, `expected exit code ${code}`));
    return outcome;
  }

  return {
    home,
    run,
    exits,
    ok: async (args, options) => (await exits(0, args, options)).stdout,
    start: (args) => follow([name, ...args], launch(args, {})),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map(stop));
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function finish(child: ChildProcessWithoutNullStreams, stdin = ""): Promise<Omit<Outcome, "milliseconds">> {
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece));
  // A command that does not read its input may be gone before it is written.
  child.stdin.on("error", (error: NodeJS.ErrnoException) =>
    error.code === "EPIPE" ? undefined : child.emit("error", error),
  );
  child.stdin.end(stdin);
  let late = false;
  const cancel = realClock.after(limitMs, () => {
    late = true;
    child.kill("SIGKILL");
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  cancel();
  if (late) stderr += `\nkilled: still running after ${limitMs / 1000} s`;
  return { code: code ?? (signal === null ? -1 : -2), stdout, stderr };
}

function follow(args: readonly string[], child: ChildProcessWithoutNullStreams): Running {
  let [stdout, stderr] = ["", ""];
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    stdout += piece;
    changed();
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece));
  child.once("close", changed);
  const closed = once(child, "close");
  return {
    text: () => stdout,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          const fits = condition(stdout);
          if (!fits && child.exitCode === null && child.signalCode === null) return;
          listeners.delete(settle);
          cancel();
          if (fits) resolve(stdout);
          else
            reject(
              new Error(
                story(args, { code: child.exitCode ?? -2, stdout, stderr }, "ended before its output was as expected"),
              ),
            );
        };
        const cancel = realClock.after(limitMs, () => {
          listeners.delete(settle);
          reject(new Error(story(args, { code: 0, stdout, stderr }, `no such output after ${limitMs / 1000} s`)));
        });
        listeners.add(settle);
        settle();
      }),
    async ended() {
      const cancel = realClock.after(limitMs, () => child.kill("SIGKILL"));
      await closed;
      cancel();
      if (child.exitCode !== 0)
        throw new Error(story(args, { code: child.exitCode ?? -2, stdout, stderr }, "expected exit code 0"));
    },
    [Symbol.asyncDispose]: () => stop(child),
  };
}

async function stop(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "close");
}

function story(args: readonly string[], { code, stdout, stderr }: Omit<Outcome, "milliseconds">, what: string): string {
  return `${args.join(" ")}: ${what}, exit code ${code}\n${stderr.slice(0, 4000)}\n${stdout.slice(0, 2000)}`;
}
