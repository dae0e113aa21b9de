import { expect, it } from "vitest";
import type { SelfSubjectRulesReview } from "../../api/generated/types/authorization-v1.ts";
import type { UserInfo } from "../../api/wire.ts";
import { configMaps, parsed, startTrial, type Trial } from "../trial.testing.ts";
import type { AuthorizationOptions, ConfiguredAuthorizer } from "./create-authorization.ts";

const jane: UserInfo = { name: "jane", groups: ["system:authenticated"] };
const node: UserInfo = { name: "system:node:one", groups: ["system:nodes", "system:authenticated"] };

async function rules(trial: Trial, user: UserInfo): Promise<NonNullable<SelfSubjectRulesReview["status"]>> {
  const url = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
  const answer = await trial.send("POST", url, { user, body: { spec: { namespace: "default" } } });
  const { status } = parsed<SelfSubjectRulesReview>(answer.bytes);
  if (status === undefined) throw new Error(answer.bytes.toString());
  return status;
}

it("may be changed while requests are answered", async () => {
  let change = (_authorizers: readonly ConfiguredAuthorizer[]): void => undefined;
  let isFollowed = true;
  const authorization: AuthorizationOptions = {
    authorizers: [{ type: "AlwaysDeny" }],
    follow(changed) {
      change = changed;
      return () => (isFollowed = false);
    },
  };
  await using trial = await startTrial({ authorization });
  const get = async (): Promise<readonly [number, string]> => {
    const { status, bytes } = await trial.send("GET", configMaps, { user: jane });
    return [status, parsed<{ message?: string }>(bytes).message ?? ""];
  };
  expect(await get()).toEqual([403, expect.stringMatching(/: Everything is forbidden\.$/)]);
  change([{ type: "AlwaysAllow" }]);
  expect((await get())[0]).toBe(200);
  change([{ type: "Node" }, { type: "RBAC" }]);
  expect((await get())[0]).toBe(403);
  await trial.close();
  expect(isFollowed).toBe(false);
});

it("tells what its authorizers can tell of their rules", async () => {
  await using trial = await startTrial({ authorization: { authorizers: [{ type: "Node" }, { type: "AlwaysAllow" }] } });
  expect(await rules(trial, jane)).toMatchObject({
    resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
    nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
    incomplete: false,
  });
  expect(await rules(trial, node)).toMatchObject({
    incomplete: true,
    evaluationError: "node authorizer does not support user rule resolution",
  });
});
