import type { CertificateSigningRequest } from "../../api/generated/types/certificates-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { createClient } from "../client.ts";
import { WatchingInformer } from "../informer.ts";
import { pause } from "../pause.ts";
import { certificateSigningRequests } from "../resource-types.ts";
import { JoinError } from "./join-error.ts";

export interface WantedCertificate {
  /** PEM of a PKCS#10 request. */
  readonly requestPem: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  /** Begins the name of the CertificateSigningRequest. */
  readonly prefix: string;
}

export interface RequestDeps {
  /** As who asks. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** So long it is waited for who decides and who signs; 15 minutes when absent, as kubelets do. */
  readonly patienceMs?: number;
}

const userAgent = "wherry";
const usualPatienceMs = 15 * 60_000;

/**
 * Asks the cluster for a certificate and waits for it; resolves to its PEM. Throws JoinError when it is denied, fails or
 * does not come in time.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export async function requestCertificate(wanted: WantedCertificate, deps: RequestDeps): Promise<string> {
  const { requestPem, signerName, usages, expirationSeconds, prefix } = wanted;
  const { transport, signal } = deps;
  const client = createClient({ transport, userAgent, signal });
  const made = await client.create(certificateSigningRequests, {
    metadata: { generateName: prefix },
    spec: {
      request: Buffer.from(requestPem).toString("base64"),
      signerName,
      usages: [...usages],
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  });
  return answerTo(made.metadata?.name ?? "", deps);
}

type Csr = DeepReadonly<CertificateSigningRequest>;

async function answerTo(name: string, deps: RequestDeps): Promise<string> {
  const { transport, clock, random, log, patienceMs = usualPatienceMs } = deps;
  const done = new AbortController();
  const signal = AbortSignal.any([deps.signal, done.signal]);
  const informer = new WatchingInformer<CertificateSigningRequest>(
    { type: certificateSigningRequests, fieldSelector: `metadata.name=${name}` },
    { transport, userAgent, clock, random, log, signal },
  );
  let answer: string | JoinError | undefined;
  const look = (csr: Csr): void => {
    answer ??= answerIn(csr);
    if (answer !== undefined) done.abort();
  };
  const gone = (): void => {
    answer ??= new JoinError(`the certificate signing request ${name} was deleted before it was answered`);
    done.abort();
  };
  informer.on({ added: look, updated: look, deleted: gone });
  const following = informer.run();
  await pause(patienceMs, { clock, signal });
  done.abort();
  await following;
  deps.signal.throwIfAborted();
  if (typeof answer === "string") return answer;
  throw (
    answer ?? new JoinError(`nobody has answered the certificate signing request ${name} yet; see \`kubectl get csr\``)
  );
}

/** Undefined while it has to be waited. */
function answerIn({ metadata, status }: Csr): string | JoinError | undefined {
  for (const { type, reason = "", message = "" } of status?.conditions ?? [])
    if (type === "Denied" || type === "Failed") {
      const what = type === "Denied" ? "is denied" : "failed";
      const why = `reason: ${JSON.stringify(reason)}, message: ${JSON.stringify(message)}`;
      return new JoinError(`certificate signing request ${metadata?.name ?? ""} ${what}, ${why}`);
    }
  const certificate = status?.certificate ?? "";
  return certificate === "" ? undefined : Buffer.from(certificate, "base64").toString("latin1");
}
