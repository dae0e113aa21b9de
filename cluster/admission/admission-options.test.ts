import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { admissionOptions } from "./admission-options.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(text: string, name = "admission.yaml"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n";
const rates = `{"apiVersion": "eventratelimit.admission.k8s.io/v1alpha1", "kind": "Configuration",
  "limits": [{"type": "Server", "qps": 5, "burst": 10}]}`;

it("reads the file and those beside it, YAML and JSON", async () => {
  await mkdir(join(folder, "plugins"));
  await written(rates, "plugins/rates.json");
  const file = await written(`${head}plugins:
- name: EventRateLimit
  path: plugins/rates.json
- name: PodNodeSelector
  path: never-read.yaml
  configuration:
    podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: a=b}
`);
  const eventRateLimit = [{ type: "Server", qps: 5, burst: 10, cacheSize: 0 }];
  const podNodeSelector = { clusterDefaultNodeSelector: "a=b" };
  const enable = ["EventRateLimit"];
  expect(await admissionOptions({ admission: { enable }, admissionControlConfigFile: file })).toEqual({
    enable,
    eventRateLimit,
    podNodeSelector,
  });
  const admission = { podNodeSelector: {} };
  expect(await admissionOptions({ admission, admissionControlConfigFile: file })).toEqual({
    eventRateLimit,
    ...admission,
  });
});

it.each([
  [`${head}plugin: []`, "plugin: unknown field; check the name"],
  [`${head}kind: AdmissionConfiguration`, 'yaml: unmarshal errors: line 3: key "kind" already set in map'],
  [`${head}plugins: [`, "yaml: line 3: "],
  ["", "it must have apiVersion"],
  [`${head}plugins: [{name: PodSecurity, configuration: {}}]`, "PodSecurity: it must have apiVersion"],
])("tells in one line where the file is wrong: %j", async (text, message) => {
  const file = await written(text);
  const reading = admissionOptions({ admissionControlConfigFile: file });
  await expect(reading).rejects.toThrow(`--admission-control-config-file: ${file}: ${message}`);
  await expect(reading).rejects.not.toThrow("\n");
});

it("names the file that is not there", async () => {
  const missing = join(folder, "missing.yaml");
  const wanted = `--admission-control-config-file: ${missing} cannot be read (ENOENT`;
  await expect(admissionOptions({ admissionControlConfigFile: missing })).rejects.toThrow(wanted);
  const file = await written(`${head}plugins: [{name: EventRateLimit, path: missing.yaml}]`);
  await expect(admissionOptions({ admissionControlConfigFile: file })).rejects.toThrow(wanted);
});

it.each([
  [{ enable: ["Pod"] }, "--enable-admission-plugins: there is no admission plugin Pod; check the name"],
  [{ disable: ["Pod"] }, "--disable-admission-plugins: there is no admission plugin Pod; check the name"],
  [{ enable: ["ImagePolicyWebhook"] }, "--enable-admission-plugins: the admission plugin ImagePolicyWebhook is not"],
  [{ enable: ["Priority"], disable: ["Priority"] }, "Priority is both in --enable-admission-plugins and"],
  [{ enable: ["EventRateLimit"] }, "EventRateLimit has no limits; configure it, or leave it out"],
  [{ eventRateLimit: [] }, "EventRateLimit: limits: Invalid value: []: must not be empty"],
  [{ podSecurity: { defaults: { warn: "x" } } }, 'PodSecurity: defaults.warn: Invalid value: "x"'],
])("refuses %j", async (admission, message) => {
  await expect(admissionOptions({ admission })).rejects.toThrow(message);
});

it("takes names of what is not here as disabled", async () => {
  const admission = { disable: ["ImagePolicyWebhook", "Priority"] };
  expect(await admissionOptions({ admission })).toEqual(admission);
});
