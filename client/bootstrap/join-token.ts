import { type BootstrapToken, parseBootstrapToken } from "../../api/core/bootstrap-tokens.ts";

/** What a machine is given to join a cluster: a bootstrap token, and whom to take for the cluster. */
export interface JoinToken {
  readonly token: BootstrapToken;
  /** SHA-256 of the public key of the cluster's authority, see `publicKeyPin`. */
  readonly pin: string;
}

/** SHA-256 in base64url. */
const pinForm = /^[A-Za-z0-9_-]{43}$/;

/** `ID.SECRET.PIN`: the bootstrap token as it is, and the pin behind it. */
export function formatJoinToken({ token: { id, secret }, pin }: JoinToken): string {
  return `${id}.${secret}.${pin}`;
}

/** Throws an Error that says what is wrong with the text, and nothing of what it says. */
export function parseJoinToken(text: string): JoinToken {
  const end = text.lastIndexOf(".");
  const token = parseBootstrapToken(text.slice(0, end));
  const pin = text.slice(end + 1);
  if (token !== undefined && pinForm.test(pin)) return { token, pin };
  if (parseBootstrapToken(text) !== undefined)
    throw new Error(
      "the join token says nothing of whom to trust: it must have a third part, as `wherry token create` prints it",
    );
  throw new Error("this is no join token: it must have the form ID.SECRET.PIN, as `wherry token create` prints it");
}
