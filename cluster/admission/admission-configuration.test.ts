import { expect, it } from "vitest";
import { readAdmissionConfiguration } from "./admission-configuration.ts";

const kind = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration" };
const read = (...plugins: object[]): unknown => readAdmissionConfiguration({ ...kind, plugins });

it("names plugins, and where their configuration is", () => {
  const entries = [
    { name: "PodSecurity", configuration: { a: 1 } },
    { name: "EventRateLimit", path: "rates.yaml" },
    { name: "Priority" },
  ];
  expect(read(...entries)).toEqual(entries);
  expect(read({ name: "Priority", path: "", configuration: null })).toEqual([{ name: "Priority" }]);
  expect(readAdmissionConfiguration(kind)).toEqual([]);
  expect(readAdmissionConfiguration({ ...kind, apiVersion: "apiserver.k8s.io/v1alpha1" })).toEqual([]);
});

it("refuses what it does not know", () => {
  expect(() => read({ name: "PodSecurity", config: {} })).toThrow("plugins[0].config: unknown field");
  expect(() => read({ name: "Priority" }, { name: "Pod" })).toThrow(
    "plugins[1].name: there is no admission plugin Pod",
  );
  expect(() => read({ name: "ImagePolicyWebhook" })).toThrow(
    "plugins[0].name: the admission plugin ImagePolicyWebhook is not supported",
  );
  expect(() => read({ path: "a" })).toThrow("plugins[0].name: name the plugin");
  expect(() => read({ name: "Priority" }, { name: "Priority" })).toThrow("plugins[1].name: Priority is there twice");
});

it.each([null, [], "text", {}, { ...kind, kind: "Configuration" }, { ...kind, apiVersion: [kind.apiVersion] }])(
  "refuses %j",
  (value) => {
    expect(() => readAdmissionConfiguration(value)).toThrow(
      "it must have apiVersion: apiserver.config.k8s.io/v1 and kind: AdmissionConfiguration",
    );
  },
);
