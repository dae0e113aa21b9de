import { describe, expect, it } from "vitest";
import { allowed, type Attributes, type Authorizer, noOpinion } from "../../auth/authz/authorizer.ts";
import type { UserInfo } from "../../api/wire.ts";
import { describe as described } from "./describe.ts";
import { createImpersonation } from "./impersonate.ts";
import type { Identified } from "./stages.ts";

interface Acted {
  readonly user: UserInfo;
  readonly asked: readonly string[];
  readonly constraint: string | undefined;
  readonly headers: readonly string[];
}

type Allows = (what: string) => boolean;

/** The one verb of old, which allows all. */
const legacy: Allows = (what) => what.startsWith("impersonate ");
const jane: UserInfo = { name: "jane", groups: ["g"] };

/** Somebody who sends requests, and for what leave is asked of an authorizer. */
function sender(
  allows: Allows,
  user: UserInfo = jane,
): (headers: Readonly<Record<string, string>>, url?: string) => Promise<Acted> {
  let asked: string[] = [];
  const authorizer: Authorizer = ({ user: asking, verb, path, resource }: Attributes) => {
    const { group = "", resource: what = path, subresource = "", namespace = "", name = "" } = resource ?? {};
    const keys = asking.extra?.["authentication.kubernetes.io/associated-node-keys"];
    const place = `${namespace === "" ? "" : `${namespace}/`}${name}`;
    const text = `${verb} ${[group, what, subresource].filter((part) => part !== "").join("/")} ${place}${keys === undefined ? "" : ` of ${keys.join(",")}`}`;
    asked.push(text.trim());
    return allows(text.trim()) ? allowed : noOpinion;
  };
  const impersonate = createImpersonation(authorizer);
  return async (headers, url = "/api/v1/namespaces/team/pods/p") => {
    asked = [];
    const signal = new AbortController().signal;
    const request = { method: "GET", url, headers, signal, peer: { address: "" } };
    const identified: Identified = await impersonate({ ...described(request, "a"), user });
    const { impersonation } = identified;
    return {
      user: identified.user,
      asked,
      constraint: impersonation?.constraint,
      headers: Object.keys(identified.request.headers),
    };
  };
}

/** What the old verb alone is asked. */
async function acting(headers: Readonly<Record<string, string>>, allows: Allows = legacy): Promise<Acted> {
  const acted = await sender(allows)(headers);
  return { ...acted, asked: acted.asked.filter(legacy) };
}

describe("impersonation", () => {
  it("is not meant by a request that does not ask for it", async () => {
    expect(await acting({ "user-agent": "x" })).toEqual({
      user: jane,
      asked: [],
      constraint: undefined,
      headers: ["user-agent"],
    });
    expect((await acting({ "impersonate-user": "" })).user).toBe(jane);
  });

  it("takes user, groups, uid and extras, each with leave of its own", async () => {
    const { user, asked, constraint, headers } = await acting({
      "user-agent": "x",
      "impersonate-user": "joe",
      "impersonate-group": "dev, ops",
      "impersonate-uid": "u-1",
      "impersonate-extra-scopes": "view, edit",
      "impersonate-extra-acme.com%2Fproject": "p",
      "impersonate-extra-bad%": "x",
    });
    expect(user).toEqual({
      name: "joe",
      uid: "u-1",
      groups: ["dev", "ops", "system:authenticated"],
      extra: { scopes: ["view", "edit"], "acme.com/project": ["p"], "bad%": ["x"] },
    });
    expect(asked).toEqual([
      "impersonate users joe",
      "impersonate authentication.k8s.io/uids u-1",
      "impersonate groups dev",
      "impersonate groups ops",
      "impersonate authentication.k8s.io/userextras/scopes view",
      "impersonate authentication.k8s.io/userextras/scopes edit",
      "impersonate authentication.k8s.io/userextras/acme.com/project p",
      "impersonate authentication.k8s.io/userextras/bad% x",
    ]);
    expect(constraint).toBe("");
    expect(headers).toEqual(["user-agent"]);
  });

  it("of a service account asks for that, and knows its groups", async () => {
    const { user, asked } = await acting({ "impersonate-user": "system:serviceaccount:team:bot" });
    expect(asked).toEqual(["impersonate serviceaccounts team/bot"]);
    expect(user.groups).toEqual(["system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated"]);
    expect(
      (await acting({ "impersonate-user": "system:serviceaccount:team:bot", "impersonate-group": "only" })).user.groups,
    ).toEqual(["only", "system:authenticated"]);
  });

  it("of nobody makes nobody of the request", async () => {
    expect((await acting({ "impersonate-user": "system:anonymous" })).user.groups).toEqual(["system:unauthenticated"]);
  });

  it("knows what is no account", async () => {
    for (const name of ["system:serviceaccount:team", "system:serviceaccount:Team:bot", "system:serviceaccount:a:b:c"])
      expect((await acting({ "impersonate-user": name })).asked).toEqual([`impersonate users ${name}`]);
  });

  it.each([
    { user: "joe", groups: "system:unauthenticated", expected: ["system:unauthenticated"] },
    { user: "joe", groups: "system:authenticated", expected: ["system:authenticated"] },
    { user: "joe", groups: "system:masters", expected: ["system:masters", "system:authenticated"] },
    {
      user: "system:anonymous",
      groups: "system:authenticated",
      expected: ["system:authenticated", "system:unauthenticated"],
    },
  ])("of $user in $groups", async ({ user, groups, expected }) => {
    expect((await acting({ "impersonate-user": user, "impersonate-group": groups })).user.groups).toEqual(expected);
  });

  it.each([
    "impersonate users joe",
    "impersonate groups dev",
    "impersonate authentication.k8s.io/userextras/scopes view",
  ])("is refused as a whole without %s, in the words of the first way that was tried", async (without) => {
    const headers = { "impersonate-user": "joe", "impersonate-group": "dev", "impersonate-extra-scopes": "view" };
    await expect(acting(headers, (what) => legacy(what) && what !== without)).rejects.toThrow(
      'pods "p" is forbidden: User "jane" cannot impersonate-on:user-info:get resource "pods" in API group "" in the namespace "team"',
    );
  });

  it.each([
    [
      { "impersonate-user": "dan" },
      'users "dan" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      { "impersonate-user": "joe", "impersonate-group": "ops" },
      'groups "ops" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      { "impersonate-user": "joe", "impersonate-extra-scopes": "edit" },
      'userextras.authentication.k8s.io "edit" is forbidden: User "jane" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
    ],
  ])("by %j is refused in the words of the way that was allowed before", async (headers, message) => {
    const send = sender((what) => what === "impersonate users joe");
    await send({ "impersonate-user": "joe" });
    await expect(send(headers)).rejects.toThrow(message);
  });

  it.each([
    [
      { "impersonate-group": "dev, ops" },
      '&user.DefaultInfo{Name:"", UID:"", Groups:[]string{"dev", "ops"}, Extra:map[string][]string(nil)}',
    ],
    [
      { "impersonate-uid": "u" },
      '&user.DefaultInfo{Name:"", UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)}',
    ],
    [
      { "impersonate-extra-b": "1", "impersonate-extra-a": "2" },
      '&user.DefaultInfo{Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"2"}, "b":[]string{"1"}}}',
    ],
  ])("of nobody in particular is refused: %j", async (headers, shown) => {
    await expect(acting(headers)).rejects.toThrow(`requested ${shown} without impersonating a user name`);
  });
});

describe("constrained impersonation", () => {
  const onPods = (mode: string): string => `impersonate-on:${mode}:get pods team/p`;
  const bot: UserInfo = {
    name: "system:serviceaccount:team:bot",
    groups: [],
    extra: { "authentication.kubernetes.io/node-name": ["n1"], "acme.io/x": ["y"] },
  };
  const keys = "of acme.io/x,authentication.kubernetes.io/node-name";

  it.each([
    {
      mode: "user-info",
      headers: {
        "impersonate-user": "joe",
        "impersonate-group": "dev",
        "impersonate-uid": "u",
        "impersonate-extra-a.b%2fc": "d",
      },
      asked: [
        onPods("user-info"),
        "impersonate:user-info authentication.k8s.io/users joe",
        "impersonate:user-info authentication.k8s.io/uids u",
        "impersonate:user-info authentication.k8s.io/groups dev",
        "impersonate:user-info authentication.k8s.io/userextras/a.b/c d",
      ],
      groups: ["dev", "system:authenticated"],
    },
    {
      mode: "serviceaccount",
      headers: { "impersonate-user": "system:serviceaccount:team:app" },
      asked: [onPods("serviceaccount"), "impersonate:serviceaccount authentication.k8s.io/serviceaccounts team/app"],
      groups: ["system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated"],
    },
    {
      mode: "arbitrary-node",
      headers: { "impersonate-user": "system:node:n2" },
      asked: [onPods("arbitrary-node"), "impersonate:arbitrary-node authentication.k8s.io/nodes n2"],
      groups: ["system:nodes", "system:authenticated"],
    },
    {
      mode: "associated-node",
      headers: { "impersonate-user": "system:node:n1" },
      asked: [
        `${onPods("associated-node")} ${keys}`,
        `impersonate:associated-node authentication.k8s.io/nodes * ${keys}`,
      ],
      groups: ["system:nodes", "system:authenticated"],
    },
  ])("by $mode asks for leave to be the user, and to do this as one", async ({ mode, headers, asked, groups }) => {
    const acted = await sender((what) => asked.includes(what), bot)(headers);
    expect(acted).toMatchObject({ asked, constraint: `impersonate:${mode}`, user: { groups } });
  });

  it("tries what was allowed before first", async () => {
    const send = sender((what) => what.includes("arbitrary-node"), bot);
    const node = { "impersonate-user": "system:node:n1" };
    expect((await send(node)).asked[0]).toContain("associated-node");
    expect((await send(node)).asked[0]).toBe(onPods("arbitrary-node"));
  });

  it("of a path", async () => {
    await expect(sender(() => false)({ "impersonate-user": "joe" }, "/metrics")).rejects.toThrow(
      'forbidden: User "jane" cannot impersonate-on:user-info:get path "/metrics"',
    );
  });

  const constrained: Allows = (what) => /^impersonate(?:-on)?:/.test(what) && !what.includes("*");
  it.each<[Readonly<Record<string, string>>, string]>([
    [{ "impersonate-group": "system:masters" }, "impersonating the system:masters group is not allowed"],
    [
      { "impersonate-extra-scopes": "x" },
      "impersonating an invalid key in extra is not allowed: extra.key: Invalid value",
    ],
    [{ "impersonate-extra-a.b%2fC": "x" }, 'impersonating a non-lowercase key in extra is not allowed: "a.b/C"'],
    [{ "impersonate-extra-a.b%2fc": "" }, "impersonating the empty string value in extra is not allowed"],
  ])("never allows %j", async (headers, message) => {
    await expect(sender(constrained)({ "impersonate-user": "joe", ...headers })).rejects.toThrow(message);
  });

  it("asks for many groups at once first", async () => {
    const headers = { "impersonate-user": "joe", "impersonate-group": "a, b, c, d" };
    const groups = (asked: readonly string[]): readonly string[] => asked.filter((what) => what.includes("/groups"));
    const all = await sender((what) => /^impersonate(?:-on)?:/.test(what))(headers);
    expect(groups(all.asked)).toEqual(["impersonate:user-info authentication.k8s.io/groups *"]);
    expect(groups((await sender(constrained)(headers)).asked)).toHaveLength(5);
  });
});
