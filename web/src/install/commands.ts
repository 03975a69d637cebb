/** The commands of `docs/quick-start.md`, filled in with the address for agents. */

/** The API's pattern for `cluster_id`. */
const CLUSTER_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const ROUTER_LABELS_OPTION = '--metrics.prometheus.addRoutersLabels=true';
export const TRAEFIK_ON_K3S = 'kubectl apply -f agent/manifests/traefik/k3s-helm-chart-config.yaml';
export const TRAEFIK_ARGUMENTS = `--metrics.prometheus=true\n${ROUTER_LABELS_OPTION}`;
export const READ_TOKEN = '.venv/bin/ingress-slo tokens create --scope read';

export const PUSH_ONCE = `kubectl create job push-now --from=cronjob/ingress-slo-agent --namespace ingress-slo
kubectl logs job/push-now --namespace ingress-slo`;

export function isClusterId(text: string): boolean {
  return CLUSTER_ID.test(text);
}

export function tokenCommand(cluster: string): string {
  return `export AGENT_TOKEN=$(.venv/bin/ingress-slo tokens create --scope ingest --cluster ${cluster})`;
}

/** Traefik's namespace is that of k3s. `pushUrl` is empty if the stack does not say where agents push: then it is in the stack's output. */
export function installCommands(cluster: string, pushUrl: string): string {
  return `kubectl apply -f agent/manifests/base/namespace.yaml
helm upgrade --install ingress-slo-agent agent/chart --namespace ingress-slo \\
  --set clusterId=${cluster} \\
  --set endpoint=${pushUrl.replace(/\/$/, '') || '"$PUSH_URL"'} \\
  --set traefik.namespace=kube-system \\
  --set-string token="$AGENT_TOKEN"`;
}

/** Prints what the agent would push, on any machine with a kubeconfig. */
export function dryRun(cluster: string): string {
  return `CLUSTER_ID=${cluster} KUBECONFIG=~/.kube/config .venv/bin/python -m ingress_slo_agent --dry-run`;
}
