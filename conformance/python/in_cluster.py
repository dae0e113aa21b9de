"""What a program of a pod can do. Arguments: a namespace, and the folder with its credentials. Prints one JSON object."""

import json
import sys

from kubernetes import client, config, watch

namespace, folder = sys.argv[1:3]
config.incluster_config.InClusterConfigLoader(
    token_filename=f"{folder}/token", cert_filename=f"{folder}/ca.crt"
).load_and_set()
core = client.CoreV1Api()
told = {"user": "", "pods": [], "seen": [], "refused": []}


def attempt(call):
    """What the call answers; undefined when the server refuses, which is told."""
    try:
        return call()
    except client.exceptions.ApiException as refused:
        told["refused"].append(json.loads(refused.body)["reason"])
        return None


review = attempt(
    lambda: client.AuthenticationV1Api().create_self_subject_review(client.V1SelfSubjectReview())
)
if review is not None:
    told["user"] = review.status.user_info.username
pods = attempt(lambda: core.list_namespaced_pod(namespace))
if pods is not None:
    told["pods"] = [pod.metadata.name for pod in pods.items]
    for event in watch.Watch().stream(core.list_namespaced_pod, namespace, timeout_seconds=1):
        told["seen"].append(event["object"].metadata.name)
attempt(lambda: core.list_namespaced_secret(namespace))
print(json.dumps(told))
