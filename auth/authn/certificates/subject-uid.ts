import type { X509Certificate } from "node:crypto";
import { children, content, decode, dotted } from "../../../certs/der.ts";
import { AuthenticationError } from "../authenticator.ts";

const attribute = "1.3.6.1.4.1.57683.2";
/** The same in DER. Most certificates have none, and to take one apart costs more than to look for these bytes. */
const mark = Buffer.from("06092b0601040183c25302", "hex");

/** The user's uid, of an attribute of Kubernetes's own in a certificate's subject. */
export function subjectUid({ raw }: X509Certificate): string | undefined {
  if (!raw.includes(mark)) return undefined;
  const fields = children(children(decode(raw))[0]);
  const subject = children(fields[5]).flatMap((names) => children(names));
  const [uid, ...further] = subject
    .map((name) => children(name))
    .filter(([type]) => dotted(type) === attribute)
    .map(([, value]) => content(value).toString("utf8"));
  if (uid === undefined) return undefined;
  if (further.length > 0)
    throw new AuthenticationError(`expected 1 UID, but found multiple: [${[uid, ...further].join(" ")}]`);
  if (uid === "") throw new AuthenticationError("UID cannot be an empty string");
  return uid;
}
