import { type BootstrapToken, bootstrapTokens, bootstrapTokenSecretName } from "../api/core/bootstrap-tokens.ts";
import type { Secret } from "../api/generated/types/core-v1.ts";
import { formatTime } from "../api/machinery/time.ts";
import { realClock } from "../base/clock.ts";
import { systemRandom } from "../base/random.ts";
import { formatJoinToken } from "../client/bootstrap/join-token.ts";
import { publicKeyPin } from "../client/bootstrap/public-key-pin.ts";
import { secrets } from "../client/resource-types.ts";
import type { Terminal } from "./terminal.ts";
import { joinAuthority, type ServerFlags, withServer } from "./token-server.ts";

export interface CreateTokenFlags extends ServerFlags {
  /** Milliseconds; 0 for a token that does not end. */
  readonly ttl: number;
  readonly groups: readonly string[];
  readonly description?: string;
}

/** `wherry token create`: a new token by which machines can join; what is printed is for scripts, too. */
export async function createToken(flags: CreateTokenFlags, { out }: Terminal): Promise<void> {
  await withServer(flags, async (client) => {
    const caPem = await joinAuthority(client);
    const token: BootstrapToken = { id: randomText(6), secret: randomText(16) };
    await client.create(secrets, secretOf(token, flags));
    out.write(`${formatJoinToken({ token, pin: publicKeyPin(caPem) })}\n`);
  });
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

function randomText(length: number): string {
  return Array.from({ length }, () => letters.charAt(systemRandom.integer(letters.length))).join("");
}

/** Under kubeadm's names. */
function secretOf({ id, secret }: BootstrapToken, { ttl, groups, description }: CreateTokenFlags): Secret {
  return {
    metadata: { name: bootstrapTokenSecretName(id), namespace: bootstrapTokens.namespace },
    type: bootstrapTokens.type,
    stringData: {
      "token-id": id,
      "token-secret": secret,
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      ...(groups.length === 0 ? {} : { "auth-extra-groups": groups.join(",") }),
      ...(description === undefined ? {} : { description }),
      ...(ttl === 0 ? {} : { expiration: formatTime(realClock.now() + ttl) }),
    },
  };
}
