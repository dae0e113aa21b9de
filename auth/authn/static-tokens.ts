import { createHmac, randomBytes } from "node:crypto";
import type { UserInfo } from "../../api/wire.ts";
import { audienceAgnostic } from "./audience-agnostic.ts";
import { readCsv } from "./csv.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

export interface StaticToken {
  readonly token: string;
  readonly user: UserInfo;
}

/** The file says something that is no token. */
export class TokenFileError extends Error {
  override name = "TokenFileError";
}

/**
 * Lines of `token,user,uid,"group1,group2"`; the groups may be left out. Of two lines with the same token the later counts.
 * Throws TokenFileError or CsvError; `warn` is told of what is passed over.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
export function readStaticTokens(csv: string, warn: (what: string) => void): readonly StaticToken[] {
  const tokens = new Map<string, StaticToken>();
  for (const [index, [token = "", name, uid, groups]] of readCsv(csv).entries()) {
    if (name === undefined || uid === undefined) {
      const found = name === undefined ? 1 : 2;
      throw new TokenFileError(`it must have at least 3 columns (token, user name, user uid), found ${found}`);
    }
    if (token === "") {
      warn(`empty token, record number ${index + 1}`);
      continue;
    }
    if (tokens.has(token)) warn(`duplicate token, record number ${index + 1}`);
    tokens.set(token, { token, user: userOf(name, uid, groups) });
  }
  return [...tokens.values()];
}

function userOf(name: string, uid: string, groups: string | undefined): UserInfo {
  return { name, ...(uid === "" ? {} : { uid }), groups: groups === undefined ? [] : groups.split(",") };
}

/** Keeps no token, and how long a look-up takes tells nothing of one: they are found by a hash with a secret key. */
export function staticTokens(tokens: readonly StaticToken[], audiences: readonly string[]): TokenAuthenticator {
  const key = randomBytes(32);
  const hash = (token: string): string => createHmac("sha256", key).update(token).digest("base64");
  const users = new Map(tokens.map(({ token, user }) => [hash(token), user]));
  return audienceAgnostic(audiences, (token) => users.get(hash(token)));
}
