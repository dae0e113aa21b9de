import { IncomingMessage, ServerResponse } from "node:http";
import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import express, { type Express } from "express";
import type { Incoming, Outgoing } from "./exchange.ts";

export interface Shell {
  /** Constructors that the HTTP server must make its requests and responses with. */
  readonly constructors: {
    readonly Http1IncomingMessage: typeof IncomingMessage;
    readonly Http1ServerResponse: typeof ServerResponse;
    readonly Http2ServerRequest: typeof Http2ServerRequest;
    readonly Http2ServerResponse: typeof Http2ServerResponse;
  };
  /** The listener for the server's `request` event. */
  readonly listener: (request: Incoming, response: Outgoing) => void;
}

/**
 * Express around one catch-all handler, on both protocols.
 *
 * Express gives every request and response its own prototype, which costs 4x the request on HTTP/1.1 and breaks HTTP/2.
 * Here they are born with it: a class per protocol carries Express's methods, and the application is told that this
 * class's prototype is its own, so that setting it again changes nothing (measured: PERFORMANCE.md, section 1).
 */
export function createShell(handle: (request: Incoming, response: Outgoing) => void): Shell {
  class Http1Request extends IncomingMessage {}
  class Http1Response<Of extends IncomingMessage> extends ServerResponse<Of> {}
  class Http2Request extends Http2ServerRequest {}
  class Http2Response<Of extends Http2ServerRequest> extends Http2ServerResponse<Of> {}

  const catchAll = (request: object, response: object): void => {
    if (request instanceof Http2Request && response instanceof Http2Response) handle(request, response);
    else if (request instanceof Http1Request && response instanceof Http1Response) handle(request, response);
    else throw new TypeError("a request was not made by the shell's constructors");
  };
  const http1 = createApp(catchAll, Http1Request.prototype, Http1Response.prototype);
  const http2 = createApp(catchAll, Http2Request.prototype, Http2Response.prototype);

  return {
    constructors: {
      Http1IncomingMessage: Http1Request,
      Http1ServerResponse: Http1Response,
      Http2ServerRequest: Http2Request,
      Http2ServerResponse: Http2Response,
    },
    listener: (request, response) => {
      // Express's types know HTTP/1.1 only.
      Reflect.apply(request.httpVersionMajor === 2 ? http2 : http1, undefined, [request, response]);
    },
  };
}

function createApp(catchAll: (request: object, response: object) => void, request: object, response: object): Express {
  const app = express();
  app.disable("x-powered-by");
  lend(Object.getPrototypeOf(app.request), request, app);
  lend(Object.getPrototypeOf(app.response), response, app);
  Object.defineProperties(app, { request: { value: request }, response: { value: response } });
  app.use(catchAll);
  return app;
}

/** Copies Express's methods and getters onto a prototype. */
function lend(source: object, prototype: object, app: Express): void {
  const { constructor: _own, ...methods } = Object.getOwnPropertyDescriptors(source);
  Object.defineProperties(prototype, { ...methods, app: { value: app, writable: true, configurable: true } });
}
