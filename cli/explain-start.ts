import { startProblem } from "../cluster/start-problem.ts";
import { defaultDataFolder, shownPath } from "./data-folder.ts";
import { isAlive, readServerFile } from "./server-file.ts";
import { UserError } from "./user-error.ts";

interface Asked {
  readonly dataDir: string;
  readonly port: number;
}

/** A failed start in one line, with the name of who is in the way where we know it. */
export async function explainStart(thrown: unknown, { dataDir, port }: Asked): Promise<unknown> {
  const problem = startProblem(thrown);
  if (problem === undefined) return thrown;
  const say = (message: string): UserError => new UserError(message, { cause: thrown });
  switch (problem.what) {
    case "store-locked": {
      const owner = await readServerFile(dataDir);
      if (owner === undefined || !isAlive(owner)) return say(`${problem.message} with --data-dir`);
      return say(
        `wherry already runs on ${shownPath(dataDir)}: ${owner.url} (pid ${owner.pid}); stop it, or choose another folder with --data-dir`,
      );
    }
    case "port-in-use": {
      const folder = defaultDataFolder();
      const usual = await readServerFile(folder);
      if (usual === undefined || !isAlive(usual) || new URL(usual.url).port !== String(port)) {
        return say(`${problem.message} with --port`);
      }
      return say(
        `port ${port} is used by the wherry of ${shownPath(folder)} (pid ${usual.pid}); stop it, or choose another port with --port`,
      );
    }
    case "other":
      return say(problem.message);
  }
}
