import { type Command, InvalidArgumentError, Option } from "commander";
import { isBootstrapGroup } from "../api/core/bootstrap-tokens.ts";
import { duration, list } from "./flag-values.ts";
import { dataDirFlag, dataDirText } from "./start-flags.ts";
import type { Terminal } from "./terminal.ts";
import type { CreateTokenFlags } from "./token-create.ts";
import type { ServerFlags } from "./token-server.ts";

const dayMs = 86_400_000;
/** Those who may join are in it. */
const joiningGroup = "system:bootstrappers:kubeadm:default-node-token";

/** `wherry token`, with what it can do. */
export function addTokenCommand(program: Command, terminal: Terminal): void {
  const token = program
    .command("token")
    .summary("make and delete the tokens by which machines join")
    .description("Bootstrap tokens: who has one may join a machine to the cluster, until the token ends.")
    .helpCommand(false)
    .action(() => token.outputHelp());
  const server = (command: Command): Command =>
    command
      .option(dataDirFlag, dataDirText)
      .option("--kubeconfig <file>", "the cluster and the user of this kubeconfig, instead of a data folder's");
  server(token.command("create").summary("make a token and print it"))
    .description("Makes a token and prints it as ID.SECRET.PIN: the pin tells machines that join whom to trust.")
    .addOption(
      new Option("--ttl <duration>", "how long it is good; 0 for ever").argParser(duration).default(dayMs, "24h"),
    )
    .option("--description <text>", "what it is for")
    .addOption(
      new Option("--groups <names>", "groups that its bearer is in, comma-separated")
        .argParser(groups)
        .default([joiningGroup], joiningGroup),
    )
    .addHelpText("after", createExamples)
    .action(async (flags: CreateTokenFlags) => (await import("./token-create.ts")).createToken(flags, terminal));
  server(token.command("list").summary("show the tokens, but for their secrets")).action(async (flags: ServerFlags) =>
    (await import("./token-list.ts")).listTokens(flags, terminal),
  );
  server(token.command("delete").summary("end tokens at once"))
    .argument("<tokens...>", "ids, or whole tokens")
    .action(async (tokens: readonly string[], flags: ServerFlags) =>
      (await import("./token-delete.ts")).deleteTokens(tokens, flags, terminal),
    );
}

function groups(text: string): readonly string[] {
  const names = list(text);
  const refused = names.find((name) => !isBootstrapGroup(name));
  if (refused !== undefined)
    throw new InvalidArgumentError(
      `"${refused}" is none that a token may give: they begin with system:bootstrappers:.`,
    );
  return names;
}

const createExamples = `
Examples:
  $ wherry token create
  $ wherry token create --ttl 2h
  $ wherry token create --ttl 0 --description "the shelf in the cellar"`;
