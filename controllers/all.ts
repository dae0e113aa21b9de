import { attachDetachController } from "./attachdetach/attach-detach-controller.ts";
import { bootstrapSignerController } from "./bootstrap/bootstrap-signer-controller.ts";
import { tokenCleanerController } from "./bootstrap/token-cleaner-controller.ts";
import { certificateSigningRequestApprovingController } from "./certificates/certificatesigningrequest-approving-controller.ts";
import { certificateSigningRequestCleanerController } from "./certificates/certificatesigningrequest-cleaner-controller.ts";
import { certificateSigningRequestSigningController } from "./certificates/certificatesigningrequest-signing-controller.ts";
import { clusterRoleAggregationController } from "./clusterroleaggregation/clusterrole-aggregation-controller.ts";
import type { Controller } from "./controller.ts";
import { cronJobController } from "./cronjob/cron-job-controller.ts";
import { daemonSetController } from "./daemonset/daemon-set-controller.ts";
import { deploymentController } from "./deployment/deployment-controller.ts";
import { deviceTaintEvictionController } from "./devicetainteviction/device-taint-eviction-controller.ts";
import { disruptionController } from "./disruption/disruption-controller.ts";
import { endpointsController } from "./endpoints/endpoints-controller.ts";
import { endpointSliceController } from "./endpointslice/endpoint-slice-controller.ts";
import { endpointSliceMirroringController } from "./endpointslicemirroring/endpoint-slice-mirroring-controller.ts";
import { ephemeralVolumeController } from "./ephemeralvolume/ephemeral-volume-controller.ts";
import { garbageCollectorController } from "./garbagecollector/garbage-collector-controller.ts";
import { jobController } from "./job/job-controller.ts";
import { localPathProvisionerController } from "./localpath/local-path-provisioner-controller.ts";
import { namespaceController } from "./namespace/namespace-controller.ts";
import { nodeIpamController } from "./nodeipam/node-ipam-controller.ts";
import { nodeLifecycleController } from "./nodelifecycle/node-lifecycle-controller.ts";
import { persistentVolumeBinderController } from "./persistentvolume/persistent-volume-binder-controller.ts";
import { horizontalPodAutoscalerController } from "./podautoscaler/horizontal-pod-autoscaler-controller.ts";
import { podGarbageCollectorController } from "./podgc/pod-garbage-collector-controller.ts";
import { pvcProtectionController } from "./pvcprotection/pvc-protection-controller.ts";
import { pvProtectionController } from "./pvprotection/pv-protection-controller.ts";
import { replicaSetController } from "./replicaset/replica-set-controller.ts";
import { replicationController } from "./replication/replication-controller.ts";
import { resourceClaimController } from "./resourceclaim/resource-claim-controller.ts";
import { resourceQuotaController } from "./resourcequota/resourcequota-controller.ts";
import { rootCaCertificatePublisherController } from "./rootca/root-ca-certificate-publisher-controller.ts";
import { legacyServiceAccountTokenCleanerController } from "./serviceaccount/legacy-serviceaccount-token-cleaner-controller.ts";
import { serviceAccountController } from "./serviceaccount/serviceaccount-controller.ts";
import { serviceAccountTokenController } from "./serviceaccount/serviceaccount-token-controller.ts";
import { serviceCidrController } from "./servicecidr/service-cidr-controller.ts";
import { statefulSetController } from "./statefulset/stateful-set-controller.ts";
import { taintEvictionController } from "./tainteviction/taint-eviction-controller.ts";
import { ttlController } from "./ttl/ttl-controller.ts";
import { ttlAfterFinishedController } from "./ttlafterfinished/ttl-after-finished-controller.ts";
import { volumeAttributesClassProtectionController } from "./volumeattributesclassprotection/volume-attributes-class-protection-controller.ts";
import { persistentVolumeExpanderController } from "./volumeexpand/persistent-volume-expander-controller.ts";

/** The controllers of kube-controller-manager, all that need no cloud, in its order. */
export const allControllers: readonly Controller[] = [
  serviceAccountTokenController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  replicationController,
  podGarbageCollectorController,
  resourceQuotaController,
  namespaceController,
  serviceAccountController,
  garbageCollectorController,
  daemonSetController,
  jobController,
  deploymentController,
  replicaSetController,
  horizontalPodAutoscalerController,
  disruptionController,
  statefulSetController,
  cronJobController,
  certificateSigningRequestSigningController,
  certificateSigningRequestApprovingController,
  certificateSigningRequestCleanerController,
  ttlController,
  bootstrapSignerController,
  tokenCleanerController,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  deviceTaintEvictionController,
  persistentVolumeBinderController,
  localPathProvisionerController,
  attachDetachController,
  persistentVolumeExpanderController,
  clusterRoleAggregationController,
  pvcProtectionController,
  pvProtectionController,
  volumeAttributesClassProtectionController,
  ttlAfterFinishedController,
  rootCaCertificatePublisherController,
  ephemeralVolumeController,
  resourceClaimController,
  legacyServiceAccountTokenCleanerController,
  serviceCidrController,
];
