import type { VerificationKey } from "./account-key.ts";

/** What others check this cluster's tokens by: https://openid.net/specs/openid-connect-discovery-1_0.html */
export interface KeySetDocuments {
  /** `/.well-known/openid-configuration` */
  readonly configuration: () => Uint8Array;
  /** `/openid/v1/jwks` */
  readonly keySet: () => Uint8Array;
}

export interface KeySetOptions {
  readonly issuer: string;
  readonly keys: readonly VerificationKey[];
  /** Where the key set is found; by default where this server is. */
  readonly jwksUri?: string | undefined;
  /** `host:port` by which clients reach this server. */
  readonly serverAddress: () => string;
}

export const configurationPath = "/.well-known/openid-configuration";
export const keySetPath = "/openid/v1/jwks";

/** Undefined where the issuer is no name that OpenID Connect allows: then there is nothing to discover. */
export function keySetDocuments({ issuer, keys, jwksUri, serverAddress }: KeySetOptions): KeySetDocuments | undefined {
  if (!isOpenIdIssuer(issuer)) return undefined;
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].toSorted();
  const keySet = Buffer.from(JSON.stringify({ keys: keys.map(jwkOf) }));
  return {
    keySet: () => keySet,
    configuration: () =>
      Buffer.from(
        JSON.stringify({
          issuer,
          jwks_uri: jwksUri ?? `https://${serverAddress()}${keySetPath}`,
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: algorithms,
        }),
      ),
  };
}

function jwkOf({ id, publicKey, algorithm }: VerificationKey): object {
  const { kty, ...numbers } = publicKey.export({ format: "jwk" });
  return { use: "sig", kty, kid: id, alg: algorithm, ...numbers };
}

function isOpenIdIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol } = new URL(issuer);
  return protocol === "https:" && !issuer.includes("?") && !issuer.includes("#");
}
