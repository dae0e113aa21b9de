import { provide, type ClientCertificate } from "./options.ts";
import { Session, type SessionParts } from "./session.ts";

/** The connections to one server: one as a rule, more when more requests are open than the server allows on one. */
export class Sessions {
  readonly #parts: Omit<SessionParts, "certificate">;
  #sessions: Session[] = [];
  #isClosed = false;

  constructor(parts: Omit<SessionParts, "certificate">) {
    this.#parts = parts;
  }

  /** Who the client is now. */
  async certificate(): Promise<ClientCertificate | undefined> {
    const { clientCertificate } = this.#parts.options;
    return clientCertificate === undefined ? undefined : provide(clientCertificate);
  }

  /** One that takes requests, or is about to; without waiting, so that the request is counted before the next one asks. */
  get(certificate: ClientCertificate | undefined): Session {
    if (this.#isClosed) throw new Error("the transport is closed");
    this.#retireOthers(certificate);
    const usable = this.#sessions.filter(({ isUsable }) => isUsable);
    const roomy = usable.find(({ hasRoom }) => hasRoom);
    if (roomy !== undefined) return roomy;
    const emptiest = usable.sort((left, right) => left.open - right.open)[0];
    // What is over the limit of all of them waits in the connection until another request ends.
    if (emptiest !== undefined && usable.length >= this.#parts.limits.connections) return emptiest;
    return this.#open(certificate);
  }

  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions) session.fail(new Error("the transport is closed"));
    this.#sessions = [];
  }

  #retireOthers(certificate: ClientCertificate | undefined): void {
    for (const session of this.#sessions)
      if (session.isUsable && session.certificate?.certPem !== certificate?.certPem) session.retire();
  }

  #open(certificate: ClientCertificate | undefined): Session {
    const session = this.#begin(certificate);
    this.#sessions.push(session);
    session.onClose(() => {
      this.#sessions = this.#sessions.filter((other) => other !== session);
    });
    return session;
  }

  #begin(certificate: ClientCertificate | undefined): Session {
    try {
      return new Session({ ...this.#parts, certificate });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Error(`the certificates for ${this.#parts.url.origin} cannot be read: ${why}`, { cause: thrown });
    }
  }
}
