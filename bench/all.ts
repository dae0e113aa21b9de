import { admission } from "./admission.ts";
import { apply } from "./apply.ts";
import { authorization } from "./authorization.ts";
import { clusterMemory } from "./cluster-memory.ts";
import { coldStart } from "./cold-start.ts";
import { creates } from "./creates.ts";
import { customObjects } from "./custom-objects.ts";
import { definitionRegistration } from "./definition-registration.ts";
import { definitionsAtStart } from "./definitions-at-start.ts";
import { deploymentReady } from "./deployment-ready.ts";
import { get } from "./get.ts";
import { idleCpu } from "./idle-cpu.ts";
import { idleMemory } from "./idle-memory.ts";
import { latencyUnderLists } from "./latency-under-lists.ts";
import { list } from "./list.ts";
import type { Measurement } from "./measurement.ts";
import { objectMemory } from "./object-memory.ts";
import { podsToRunning } from "./pods-to-running.ts";
import { schedulerDecisions } from "./scheduler-decisions.ts";
import { virtualDay } from "./virtual-day.ts";
import { watchFanOut } from "./watch-fan-out.ts";

export const all: readonly Measurement[] = [
  coldStart,
  idleMemory,
  creates,
  apply,
  admission,
  authorization,
  customObjects,
  get,
  list,
  watchFanOut,
  objectMemory,
  latencyUnderLists,
  definitionRegistration,
  definitionsAtStart,
  podsToRunning,
  schedulerDecisions,
  clusterMemory,
  deploymentReady,
  idleCpu,
  virtualDay,
];
