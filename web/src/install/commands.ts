/** The commands of the README's "Install it", filled in with this page's own API address. */

/** As the API's `cluster_id` must be. */
const CLUSTER_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const TRAEFIK_OPTIONS = '--metrics.prometheus=true --metrics.prometheus.addRoutersLabels=true';
export const ROUTER_LABELS_OPTION = '--metrics.prometheus.addRoutersLabels=true';
export const DRY_RUN = 'KUBECONFIG=~/.kube/config .venv/bin/python -m ingress_slo_agent --dry-run';

const IMAGE = 'registry.example.com/ingress-slo-agent';
const IMAGE_TAG = '0.1.0';

export function isClusterId(text: string): boolean {
  return CLUSTER_ID.test(text);
}

export function tokenCommands(cluster: string): string {
  return [
    'export TOKENS_TABLE=...   # the output of that name of the stack',
    `.venv/bin/python -m ingress_slo tokens create --scope ingest --cluster ${cluster}`,
  ].join('\n');
}

export function imageCommands(): string {
  return [`docker build -f agent/Dockerfile -t ${IMAGE}:${IMAGE_TAG} .`, `docker push ${IMAGE}:${IMAGE_TAG}`].join(
    '\n',
  );
}

/** `kustomization.yaml`, as `agent/manifests/example` has it. */
export function agentManifest(cluster: string, apiUrl: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../base
images:
  - name: ingress-slo-agent
    newName: ${IMAGE}  # where you pushed the image
    newTag: ${IMAGE_TAG}
patches:
  - patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata: { name: ingress-slo-agent, namespace: ingress-slo }
      data:
        CLUSTER_ID: ${cluster}
        ENDPOINT: ${apiUrl.replace(/\/$/, '')}
  - patch: |
      apiVersion: v1
      kind: Secret
      metadata: { name: ingress-slo-agent, namespace: ingress-slo }
      stringData:
        TOKEN: islo_...  # the token that you just made`;
}
