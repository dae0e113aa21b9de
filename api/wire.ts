import type { DeepReadonly, KubeObject } from "./machinery/object.ts";

/** The one request value: HTTP requests and in-process calls look alike from here on. */
export interface ApiRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The values of a header as they were sent, in UTF-8; undefined for a request of this process, see api/header-values.ts. */
  readonly headerValues?: (name: string) => readonly string[];
  /** Undefined when the request has none. Bounded by the reader. */
  readonly body?: RequestBody | Uint8Array;
  /** What a client in this process sends instead of a body: JSON values, which the server copies and never changes. */
  readonly object?: object;
  /** Aborted when the client is gone or the server shuts down. */
  readonly signal: AbortSignal;
  readonly peer: Peer;
  /** The protocols that the client offers to go on in (its Upgrade header); undefined where its connection cannot be taken over. */
  readonly upgrade?: string;
}

/** A body that is on its way, in pieces or in one. */
export interface RequestBody extends AsyncIterable<Uint8Array> {
  /** Cheaper than piece by piece; undefined when there is more than that. */
  whole?(maxBytes: number): Promise<Uint8Array | undefined>;
}

/** Who is at the other end of the connection, as far as the transport knows. */
export interface Peer {
  readonly address: string;
  /** The same value for all requests of a connection; absent when none was shown. */
  readonly certificate?: PeerCertificate;
  /** Set by the in-process transport only: it enters after authentication. */
  readonly user?: UserInfo;
}

export interface PeerCertificate {
  /** DER. */
  readonly bytes: Uint8Array;
  /** DER: the authorities that lead from it to one that is known here, as far as the client sent them. */
  readonly intermediates: readonly Uint8Array[];
  /** Whether TLS, when the connection began, found a way from it to any of the authorities that it knew. */
  readonly verified: boolean;
}

export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. A list value is sent as repeated headers (Warning). */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: ResponseBody;
}

export type ResponseBody =
  | {
      readonly type: "bytes";
      readonly bytes: Uint8Array;
      /** What they say, for readers in this process: shared by all, never to be changed. */
      readonly object?: () => DeepReadonly<KubeObject>;
    }
  /** Large answers, in pieces of 64–256 KiB, made as the reader takes them. */
  | {
      readonly type: "chunks";
      readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
      readonly list?: StoredList;
      /** Sent as they come: never held back, never compressed. */
      readonly live?: true;
    }
  | { readonly type: "watch"; readonly watch: StoredWatch }
  /** Goes with status 101, as the answer to a request with `upgrade`. */
  | { readonly type: "tunnel"; readonly tunnel: Tunnel };

/** What the client's connection is handed to, once status and headers are sent. Exactly one of the two is called. */
export interface Tunnel {
  /** From here on the connection is the tunnel's own to end. */
  join(client: Connection): void;
  /** The client was gone before. */
  abandon(): void;
}

/** Bytes both ways: one of Node's Duplex streams. */
export interface Connection extends NodeJS.ReadWriteStream {
  destroy(error?: Error): unknown;
}

/** What an in-process reader takes instead of bytes: shared, frozen objects. */
export interface StoredList {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly items: readonly StoredObject[];
}

/** One object at one revision. */
export interface StoredObject {
  readonly revision: number;
  /** Parsed on first use, shared by all readers, never to be changed. */
  object(): DeepReadonly<KubeObject>;
}

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

export interface WatchEvent {
  readonly type: WatchEventType;
  readonly object: DeepReadonly<KubeObject>;
}

/**
 * A watch that its reader pulls: after `take` answered undefined, wait for `onReadable`.
 * The reader's pace is the only buffer; a reader that falls out of the window is ended.
 */
export interface StoredWatch {
  /** Frames that are ready, at most about `maxBytes` of them, joined; undefined when none is. */
  take(maxBytes: number): Uint8Array | undefined;
  /** The same events as objects, for readers in this process. A watch is read by one of the two. */
  takeEvents(max: number): readonly WatchEvent[];
  /** Calls back, once, as soon as something is ready or the watch has ended. */
  onReadable(call: () => void): void;
  /** True when nothing is ready and nothing will come. */
  readonly ended: boolean;
  close(): void;
}

/** How every component reaches the API: by HTTPS or in process, the same type. */
export type Transport = (request: ApiRequest) => Promise<ApiResponse>;
