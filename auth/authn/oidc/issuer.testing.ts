import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

type Loose = Readonly<Record<string, unknown>>;

interface Key {
  readonly kid: string | undefined;
  readonly alg: "RS256" | "ES256";
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** An issuer of OpenID Connect tokens: its documents, its keys, and the tokens that it, or somebody else, signs. */
export interface TestIssuer {
  readonly url: string;
  /** How often its keys were asked for. */
  readonly keyRequests: number;
  /** By the path of a request; undefined: not found. */
  answer(path: string): object | undefined;
  /** A token that is good for an hour, but for what `claims` and `header` say. */
  sign(claims?: Loose, header?: Loose): string;
  /** New keys from now on. `keep`: the old ones can still be checked. */
  rotate(options?: { readonly keep?: boolean; readonly kid?: string; readonly alg?: Key["alg"] }): void;
  /** What its discovery document says otherwise. */
  document: Loose;
  /** Signed with its public key, as if that were a secret: the classic confusion. */
  confused(claims?: Loose): string;
  /** Says to be the issuer's, and has no signature. */
  unsigned(claims?: Loose): string;
}

export function createIssuer(url: string, now: () => number): TestIssuer {
  let serial = 0;
  let asked = 0;
  let keys: Key[] = [];
  const current = (): Key => {
    const [key] = keys;
    if (key === undefined) throw new Error("the issuer has no keys");
    return key;
  };
  const claimsOf = (claims: Loose): Loose => {
    const seconds = Math.floor(now() / 1000);
    return { iss: url, aud: "wherry", sub: "jane", iat: seconds, exp: seconds + 3600, ...claims };
  };
  const issuer: TestIssuer = {
    url,
    document: {},
    get keyRequests() {
      return asked;
    },
    answer(path) {
      if (path === "/.well-known/openid-configuration")
        return { issuer: url, jwks_uri: `${url}/keys`, ...issuer.document };
      if (path !== "/keys") return undefined;
      asked += 1;
      return { keys: keys.map(published) };
    },
    rotate({ keep = false, kid, alg = "ES256" } = {}) {
      serial += 1;
      const pair =
        alg === "RS256"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ec", { namedCurve: "P-256" });
      keys = [{ kid: kid === "" ? undefined : (kid ?? `key-${serial}`), alg, ...pair }, ...(keep ? keys : [])];
    },
    sign(claims = {}, header = {}) {
      const { kid, alg, privateKey } = current();
      const text = parts({ alg, ...(kid === undefined ? {} : { kid }), typ: "JWT", ...header }, claimsOf(claims));
      const signer = createSign("sha256").update(text);
      return `${text}.${signer.sign({ key: privateKey, dsaEncoding: "ieee-p1363" }, "base64url")}`;
    },
    confused(claims = {}) {
      const { kid, publicKey } = current();
      const text = parts({ alg: "HS256", kid }, claimsOf(claims));
      const secret = publicKey.export({ type: "spki", format: "pem" });
      return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
    },
    unsigned: (claims = {}) => `${parts({ alg: "none" }, claimsOf(claims))}.`,
  };
  issuer.rotate();
  return issuer;
}

function published({ kid, alg, publicKey }: Key): object {
  return { ...publicKey.export({ format: "jwk" }), alg, use: "sig", ...(kid === undefined ? {} : { kid }) };
}

function parts(header: Loose, claims: Loose): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}
