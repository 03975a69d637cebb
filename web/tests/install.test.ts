import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  dryRun,
  installCommands,
  isClusterId,
  PUSH_ONCE,
  READ_TOKEN,
  TRAEFIK_ARGUMENTS,
  TRAEFIK_ON_K3S,
  tokenCommand,
} from '../src/install/commands';

const CLUSTER = 'my-cluster';
const PUSH_URL = 'https://def456.execute-api.eu-central-1.amazonaws.com';
const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the first-run page', () => {
  it("shows the quick start's commands, filled in", () => {
    const quickStart = page('docs/quick-start.md')
      .replaceAll('"$CLUSTER_ID"', CLUSTER)
      .replaceAll('"$TRAEFIK_NAMESPACE"', 'kube-system')
      .replaceAll('$(ingress-slo', '$(.venv/bin/ingress-slo');
    const shown = [TRAEFIK_ON_K3S, tokenCommand(CLUSTER), installCommands(CLUSTER, ''), PUSH_ONCE];
    for (const command of shown) expect(quickStart).toContain(command);
    const filledIn = quickStart.replaceAll('"$PUSH_URL"', PUSH_URL);
    expect(filledIn).toContain(installCommands(CLUSTER, PUSH_URL));
    expect(filledIn).toContain(installCommands(CLUSTER, `${PUSH_URL}/`));
  });

  it("shows the README's way to look first, and to make a token to read with", () => {
    expect(page('README.md')).toContain(dryRun(CLUSTER));
    expect(page('README.md')).toContain(READ_TOKEN);
    expect(page('docs/install-kubernetes.md')).toContain(TRAEFIK_ARGUMENTS);
  });

  it('takes the names that the API takes', () => {
    expect(['a', 'prod-eu', 'c1'].every(isClusterId)).toBe(true);
    expect(['', '-a', 'a-', 'A', 'a_b', 'a'.repeat(64)].some(isClusterId)).toBe(false);
  });
});
