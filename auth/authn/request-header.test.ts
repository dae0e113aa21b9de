import { describe, expect, it } from "vitest";
import type { ApiRequest } from "../../api/wire.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { begin, certified, shown } from "./certificates/certificates.testing.ts";
import { isRequestHeader, requestHeader, type RequestHeaderOptions, usualRequestHeaders } from "./request-header.ts";
import { judged, requestWith } from "./request.testing.ts";

const root = certified({ name: "front proxies", isAuthority: true });
const proxy = shown(certified({ name: "front-proxy-client" }, root));
const stranger = shown(certified({ name: "front-proxy-client" }, certified({ name: "clients", isAuthority: true })));
const options: RequestHeaderOptions = { ...usualRequestHeaders, authorities: () => root.certPem };

const says = (
  headers: Readonly<Record<string, string>>,
  certificate: ReturnType<typeof shown> | undefined = proxy,
  chosen: Partial<RequestHeaderOptions> = {},
): ReturnType<typeof judged> =>
  judged(
    requestHeader({ ...options, ...chosen }, new ManualClock(begin + 1000)),
    requestWith(headers, certificate === undefined ? {} : { certificate }),
  );

describe("a proxy", () => {
  it("says who the user is", async () => {
    expect(
      await says({
        "x-remote-user": "jane",
        "x-remote-uid": "u-1",
        "x-remote-group": "dev, ops",
        "x-remote-extra-scopes": "view",
        "x-remote-extra-acme.io%2fproject": "p",
        "x-remote-extra-bad%": "x",
      }),
    ).toEqual({
      name: "jane",
      uid: "u-1",
      groups: ["dev", "ops"],
      extra: { scopes: ["view"], "acme.io/project": ["p"], "bad%": ["x"] },
    });
  });

  it("is believed to the letter: a comma in a group does not make it two", async () => {
    const lines: Readonly<Record<string, readonly string[]>> = { "x-remote-group": ["a, system:masters", "b"] };
    const request: ApiRequest = {
      ...requestWith({ "x-remote-user": "jane", "x-remote-group": "a, system:masters, b" }, { certificate: proxy }),
      headerValues: (name) => lines[name] ?? ["jane"],
    };
    expect(await judged(requestHeader(options, new ManualClock(begin + 1000)), request)).toEqual({
      name: "jane",
      groups: ["a, system:masters", "b"],
    });
  });

  it.each([
    { what: "without a certificate", certificate: undefined, expected: undefined },
    {
      what: "with another authority's",
      certificate: stranger,
      expected: expect.stringContaining("certificate signed by unknown authority"),
    },
    {
      what: "with another name",
      certificate: shown(certified({ name: "jane" }, root)),
      expected: "AuthenticationError: x509: subject with cn=jane is not in the allowed list",
    },
  ])("is not believed $what", async ({ certificate, expected }) => {
    const request = requestWith({ "x-remote-user": "admin" }, certificate === undefined ? {} : { certificate });
    expect(await judged(requestHeader(options, new ManualClock(begin + 1000)), request)).toEqual(expected);
  });

  it("may have any name where none is asked for, and headers of its own", async () => {
    const chosen = { allowedNames: [], usernameHeaders: ["x-user", "x-login"], groupHeaders: ["x-team"] };
    expect(
      await says(
        { "x-login": "jane", "x-team": "dev", "x-remote-user": "admin", "x-remote-group": "system:masters" },
        shown(certified({ name: "any" }, root)),
        chosen,
      ),
    ).toEqual({ name: "jane", groups: ["dev"] });
  });

  it("that says nothing is a client like others", async () => {
    expect(await says({})).toBeUndefined();
    expect(await says({ "x-remote-user": "", "x-remote-group": "system:masters" })).toBeUndefined();
  });

  it("knows which headers are its own", () => {
    const names = ["x-remote-user", "x-remote-uid", "x-remote-group", "x-remote-extra-a", "x-user", "accept"];
    expect(names.filter((name) => isRequestHeader(name, { ...options, usernameHeaders: ["x-user"] }))).toEqual([
      "x-remote-uid",
      "x-remote-group",
      "x-remote-extra-a",
      "x-user",
    ]);
  });
});
