import { bootstrapTokens, bootstrapTokenSecretName, isBootstrapTokenId } from "../api/core/bootstrap-tokens.ts";
import { secrets } from "../client/resource-types.ts";
import type { Terminal } from "./terminal.ts";
import { type ServerFlags, withServer } from "./token-server.ts";
import { UserError } from "./user-error.ts";

/** `wherry token delete`: of a whole token the id is enough. */
export async function deleteTokens(tokens: readonly string[], flags: ServerFlags, { out }: Terminal): Promise<void> {
  const ids = tokens.map(idOf);
  await withServer(flags, async (client) => {
    for (const id of ids) {
      const name = bootstrapTokenSecretName(id);
      await client.delete(secrets, { namespace: bootstrapTokens.namespace, name });
      out.write(`bootstrap token "${id}" deleted\n`);
    }
  });
}

/** What was typed is not repeated: it may be a secret with a slip of the pen. */
function idOf(text: string): string {
  const id = text.split(".", 1)[0] ?? "";
  if (isBootstrapTokenId(id)) return id;
  throw new UserError(
    "a token is named by its id, six letters or digits, or by the whole of it; see `wherry token list`",
  );
}
