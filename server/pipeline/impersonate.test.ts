import { describe, expect, it } from "vitest";
import { allowed, type Attributes, type Authorizer, noOpinion } from "../../auth/authz/authorizer.ts";
import type { UserInfo } from "../../api/wire.ts";
import { describe as described } from "./describe.ts";
import { impersonate } from "./impersonate.ts";

/** Who the request is from, and for what leave was asked. */
async function acting(
  headers: Readonly<Record<string, string>>,
  allows: (what: string) => boolean = () => true,
): Promise<{ user: UserInfo; asked: readonly string[] }> {
  const asked: string[] = [];
  const authorizer: Authorizer = ({ verb, resource }: Attributes) => {
    const { group = "", resource: what = "", subresource = "", namespace = "", name = "" } = resource ?? {};
    const text = `${verb} ${[group, what, subresource].filter((part) => part !== "").join("/")} ${namespace === "" ? "" : `${namespace}/`}${name}`;
    asked.push(text);
    return allows(text) ? allowed : noOpinion;
  };
  const request = {
    method: "GET",
    url: "/api/v1/pods",
    headers,
    signal: new AbortController().signal,
    peer: { address: "" },
  };
  const { user } = await impersonate({ ...described(request, "a"), user: { name: "jane", groups: ["g"] } }, authorizer);
  return { user, asked };
}

describe("impersonation", () => {
  it("is not meant by a request that does not ask for it", async () => {
    expect(await acting({ "user-agent": "x" })).toEqual({ user: { name: "jane", groups: ["g"] }, asked: [] });
  });

  it("takes user, groups, uid and extras, each with leave of its own", async () => {
    const { user, asked } = await acting({
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
      "impersonate groups dev",
      "impersonate groups ops",
      "impersonate authentication.k8s.io/uids u-1",
      "impersonate authentication.k8s.io/userextras/scopes view",
      "impersonate authentication.k8s.io/userextras/scopes edit",
      "impersonate authentication.k8s.io/userextras/acme.com/project p",
      "impersonate authentication.k8s.io/userextras/bad% x",
    ]);
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

  it.each([
    [
      "impersonate users joe",
      'users "joe" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      "impersonate groups dev",
      'groups "dev" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      "impersonate authentication.k8s.io/userextras/scopes view",
      'userextras.authentication.k8s.io "view" is forbidden: User "jane" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
    ],
  ])("is refused as a whole without %s", async (without, message) => {
    const headers = { "impersonate-user": "joe", "impersonate-group": "dev", "impersonate-extra-scopes": "view" };
    await expect(acting(headers, (what) => what !== without)).rejects.toThrow(message);
  });

  it("without a user is refused", async () => {
    for (const headers of [{ "impersonate-group": "dev" }, { "impersonate-user": "" }, { "impersonate-uid": "u" }])
      await expect(acting(headers)).rejects.toThrow("Impersonate-User header is missing");
  });
});
