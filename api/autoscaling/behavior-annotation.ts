import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from "../generated/types/autoscaling-v2.ts";

/**
 * `spec.behavior` inside the annotation of autoscaling/v1: upstream writes its internal type there, so the names begin
 * with capitals: `{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max",…},"ScaleDown":null}`.
 */
export function behaviorToText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  return JSON.stringify({ ScaleUp: rulesOut(scaleUp), ScaleDown: rulesOut(scaleDown) });
}

function rulesOut(rules: HPAScalingRules | undefined): object | null {
  if (rules === undefined) return null;
  const { stabilizationWindowSeconds, selectPolicy, policies, tolerance } = rules;
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds ?? null,
    SelectPolicy: selectPolicy ?? null,
    Policies:
      policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ??
      null,
    Tolerance: tolerance ?? null,
  };
}

/** Undefined when there is none, or when the text is not one: upstream drops it then. */
export function behaviorFromText(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  if (text === undefined) return undefined;
  try {
    const value = members(JSON.parse(text));
    const scaleUp = rulesIn(value.get("scaleup"));
    const scaleDown = rulesIn(value.get("scaledown"));
    if (scaleUp === undefined && scaleDown === undefined) return undefined;
    return { ...(scaleUp && { scaleUp }), ...(scaleDown && { scaleDown }) };
  } catch {
    return undefined;
  }
}

function rulesIn(value: unknown): HPAScalingRules | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const rules = members(value);
  const window = rules.get("stabilizationwindowseconds");
  const select = rules.get("selectpolicy");
  const policies = rules.get("policies");
  const tolerance = rules.get("tolerance");
  return {
    ...(typeof window === "number" && { stabilizationWindowSeconds: window }),
    ...(typeof select === "string" && { selectPolicy: select }),
    ...(Array.isArray(policies) && { policies: policies.map(policyIn) }),
    ...(typeof tolerance === "string" && { tolerance }),
  };
}

function policyIn(value: unknown): HPAScalingPolicy {
  const policy = members(value);
  const type = policy.get("type");
  return {
    type: typeof type === "string" ? type : "",
    value: Number(policy.get("value") ?? 0),
    periodSeconds: Number(policy.get("periodseconds") ?? 0),
  };
}

/** Go's decoder does not care about the case of names. */
function members(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}
