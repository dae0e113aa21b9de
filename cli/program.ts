import { Command, Option } from "commander";
import { versions } from "../cluster/versions.ts";
import type { KubeconfigFlags } from "./kubeconfig.ts";
import { addNodeFlags, addStartFlags, dataDirFlag, dataDirText, type StartFlags } from "./start-flags.ts";
import type { StatusFlags } from "./status.ts";
import type { Terminal } from "./terminal.ts";
import { addTokenCommand } from "./token-command.ts";

/** The command line. A sub-command's code is loaded when it is used. Resolves to the exit code. */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = base(terminal);
  addNodeFlags(addStartFlags(program.command("up").summary("start Kubernetes, and let kubectl find it")))
    .description(
      "Starts Kubernetes in the foreground and makes it kubectl's current context. Needs no flag; Ctrl-C stops it.",
    )
    .addHelpText("after", upExamples)
    .action(async (flags: StartFlags) => (await import("./up.ts")).up({ nodes: 1, ...flags }, terminal));
  addStartFlags(program.command("server").summary("start the control plane alone"))
    .description(
      "Starts the control plane in the foreground and leaves your kubeconfig alone: the credentials go to the data folder.",
    )
    .addHelpText("after", serverExamples)
    .action(async (flags: StartFlags) => (await import("./server.ts")).server(flags, terminal));
  program
    .command("kubeconfig")
    .summary("print the credentials, or merge them into your kubeconfig")
    .description("Prints the administrator's kubeconfig of a cluster, whether it runs or not.")
    .option("--merge", "put them into your kubeconfig instead, and make them the current context")
    .option(dataDirFlag, dataDirText)
    .addHelpText("after", kubeconfigExamples)
    .action(async (flags: KubeconfigFlags) => (await import("./kubeconfig.ts")).kubeconfig(flags, terminal));
  program
    .command("status")
    .summary("what is running, where, since when")
    .description("Tells whether the server runs, where and since when. The exit code is 0 when it is ready, else 3.")
    .addOption(new Option("-o, --output <form>", "how it is printed").choices(["human", "json"]).default("human"))
    .option(dataDirFlag, dataDirText)
    .addHelpText("after", statusExamples)
    .action(async (flags: StatusFlags) => {
      exitCode = await (await import("./status.ts")).status(flags, terminal);
    });
  addTokenCommand(program, terminal);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync(words, { from: "user" });
  return exitCode;
}

function base({ out }: Terminal): Command {
  const { wherry, kubernetes } = versions();
  return (
    new Command("wherry")
      .description("Kubernetes in one process: kubectl, helm and the client libraries drive it unchanged.")
      .version(`wherry ${wherry} (Kubernetes ${kubernetes})`, "--version", "print the version")
      .helpOption("-h, --help", "print help")
      .helpCommand(false)
      .addHelpText("after", "\nStart here:\n  $ wherry up\n  $ kubectl get namespaces")
      .exitOverride()
      // Errors are told in one line, by main.ts.
      .configureOutput({ writeOut: (text) => void out.write(text), writeErr: () => {} })
  );
}

const upExamples = `
Examples:
  $ wherry up                                          data and credentials at their usual places
  $ wherry up --port 0 --kubeconfig ./kubeconfig       any free port; no other kubeconfig is touched
  $ wherry up --data-dir /tmp/try                      a cluster apart from your usual one`;

const serverExamples = `
Examples:
  $ wherry server
  $ wherry server --host 0.0.0.0 --tls-san k8s.example.com --log-format json
  $ kubectl --kubeconfig ~/.local/share/wherry/admin.kubeconfig get namespaces`;

const kubeconfigExamples = `
Examples:
  $ wherry kubeconfig > kubeconfig
  $ wherry kubeconfig --merge && kubectl get namespaces`;

const statusExamples = `
Examples:
  $ wherry status
  $ wherry status -o json
  $ wherry status > /dev/null || wherry up`;
