import { ApiError } from "./status.ts";

/** Where the next page of a list starts. Opaque to clients, but its form is upstream's. */
export interface ContinueToken {
  /** The key after which the page begins, relative to the list's prefix. */
  readonly start: string;
  /** The revision of the first page; -1: the newest, for the inconsistent rest of an expired list. */
  readonly revision: number;
}

const version = "meta.k8s.io/v1";

export function encodeContinue({ start, revision }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString("base64url");
}

export function decodeContinue(token: string): ContinueToken {
  const { v, rv, start } = decode(token);
  if (v !== version) throw refused(`server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0 || rv < -1) {
    throw refused(`incorrect encoded start resourceVersion (version ${version})`);
  }
  if (typeof start !== "string" || start === "") throw refused(`encoded start key empty (version ${version})`);
  // Nobody reaches out of the prefix.
  if (
    start
      .replace(/^\//, "")
      .split("/")
      .some((part) => part === "" || part === "." || part === "..")
  )
    throw refused(start);
  return { start, revision: rv };
}

function decode(token: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  if (!/^[A-Za-z0-9_-]*$/.test(token))
    throw refused(`illegal base64 data at input byte ${token.search(/[^A-Za-z0-9_-]/)}`);
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(token, "base64url").toString());
  } catch (thrown) {
    throw refused("invalid character in continue token", thrown);
  }
  return typeof decoded === "object" && decoded !== null ? decoded : {};
}

function refused(why: string, cause?: unknown): ApiError {
  return new ApiError("BadRequest", `invalid continue token: continue key is not valid: ${why}`, { cause });
}
