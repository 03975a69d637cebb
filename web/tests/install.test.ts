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
const URL_OF_API = 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod';
const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the first-run page', () => {
  it("shows the quick start's commands, filled in", () => {
    const quickStart = page('docs/quick-start.md')
      .replaceAll('"$CLUSTER_ID"', CLUSTER)
      .replaceAll('"$INGRESS_SLO_URL"', URL_OF_API)
      .replaceAll('$(ingress-slo', '$(.venv/bin/ingress-slo');
    const shown = [TRAEFIK_ON_K3S, tokenCommand(CLUSTER), installCommands(CLUSTER, `${URL_OF_API}/`), PUSH_ONCE];
    for (const command of shown) expect(quickStart).toContain(command);
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
