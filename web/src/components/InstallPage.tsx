import { useEffect, useState } from 'preact/hooks';
import type { ClusterAnswer } from '../api/types';
import { messages } from '../i18n';
import {
  dryRun,
  installCommands,
  isClusterId,
  PUSH_ONCE,
  TRAEFIK_ARGUMENTS,
  TRAEFIK_ON_K3S,
  tokenCommand,
} from '../install/commands';
import { isAwaitingCluster } from '../state/refresh';
import { session } from '../state/session';
import { CopyBlock } from './CopyBlock';

const ANY_CLUSTER = 'my-cluster';

interface Props {
  clusters: readonly ClusterAnswer[];
  /** Where agents push; empty if the stack does not say. */
  pushUrl: string;
}

/** The first run: how to install the agent, with commands to copy. */
export function InstallPage({ clusters, pushUrl }: Props) {
  const words = messages.value;
  const [cluster, setCluster] = useState(session.value?.grant?.clusters[0] ?? ANY_CLUSTER);
  useEffect(() => {
    isAwaitingCluster.value = true;
    return () => {
      isAwaitingCluster.value = false;
    };
  }, []);
  const isValid = isClusterId(cluster);
  const name = isValid ? cluster : ANY_CLUSTER;
  return (
    <article class="install page" data-testid="install">
      {clusters.length > 0 && (
        <a class="back-link" href="#/">
          {words.backToList}
        </a>
      )}
      <h1>{clusters.length ? words.installAgain : words.installTitle}</h1>
      <p class="lead">{words.installLead}</p>
      <label class="install-cluster">
        <span class="field-label">{words.installCluster}</span>
        <input
          value={cluster}
          spellcheck={false}
          autocapitalize="none"
          aria-invalid={!isValid}
          aria-describedby="cluster-hint"
          onInput={(event) => setCluster(event.currentTarget.value)}
        />
        <span id="cluster-hint" class={isValid ? 'hint' : 'field-error'}>
          {isValid ? words.installClusterHint : words.installClusterInvalid}
        </span>
      </label>
      <ol class="steps">
        <li>
          <h2>{words.installTraefik}</h2>
          <p>{words.installTraefikWhy}</p>
          <CopyBlock text={TRAEFIK_ON_K3S} />
          <p>{words.installElsewhere}</p>
          <CopyBlock text={TRAEFIK_ARGUMENTS} />
        </li>
        <li>
          <h2>{words.installToken}</h2>
          <p>{words.installTokenWhy}</p>
          <CopyBlock text={tokenCommand(name)} />
        </li>
        <li>
          <h2>{words.installAgent}</h2>
          <p>{words.installAgentWhy}</p>
          <CopyBlock text={installCommands(name, pushUrl)} />
          <p>{words.installPush}</p>
          <CopyBlock text={PUSH_ONCE} />
        </li>
      </ol>
      <p>{words.installDry}</p>
      <CopyBlock text={dryRun(name)} />
      <p class="waiting" role="status">
        <span class="pulse" aria-hidden="true" />
        {clusters.length ? words.installSeen(clusters.map((each) => each.cluster_id).join(', ')) : words.installWaiting}
      </p>
    </article>
  );
}
