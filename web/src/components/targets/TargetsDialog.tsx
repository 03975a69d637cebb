import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { TargetSubject } from '../../api/endpoints';
import * as api from '../../api/endpoints';
import { type DomainDetail, TIME_RANGES, type TimeRange } from '../../api/types';
import { messages, rangeWord } from '../../i18n';
import { useResource } from '../../state/resource';
import type { DetailRoute } from '../../state/route';
import { mayManage } from '../../state/session';
import { savedFor } from '../../targets/effective';
import type { Level } from '../../targets/preview';
import { explainFailure } from '../Failure';
import { CloseIcon } from '../icons';
import { Segmented } from '../Segmented';
import { TargetForm } from './TargetForm';

interface Props {
  client: Client;
  route: DetailRoute;
  domain: DomainDetail;
  onClose: () => void;
}

/** The targets at each level and for each time range. Readers can view them, managers can set them. */
export function TargetsDialog({ client, route, domain, onClose }: Props) {
  const words = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const [level, setLevel] = useState<Level>(route.path === null ? 'domain' : 'route');
  const [range, setRange] = useState<TimeRange>(route.range);
  const targets = useResource(`targets ${route.cluster}`, (signal) => api.targets(client, route.cluster, signal));

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const levelWords = { cluster: words.levelCluster, domain: words.levelDomain, route: words.levelRoute };
  const levels: Level[] = route.path === null ? ['cluster', 'domain'] : ['cluster', 'domain', 'route'];
  const subject: TargetSubject = {
    cluster: route.cluster,
    domain: level === 'cluster' ? null : domain.domain,
    path: level === 'route' ? route.path : null,
    range,
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="targets-title" data-testid="targets-dialog" onClose={onClose}>
      <div class="dialog-head">
        <h2 id="targets-title">{words.targetsTitle}</h2>
        <span class="dialog-subject">{nameOf(subject)}</span>
        <span class="spacer" />
        <button
          type="button"
          class="button icon-button small"
          aria-label={words.close}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </div>
      <div class="dialog-choices">
        <Segmented
          label={words.targetLevel}
          name="level"
          value={level}
          choices={levels.map((value) => ({ value, label: levelWords[value] }))}
          onChange={setLevel}
        />
        <Segmented
          label={words.timeRange}
          name="target-range"
          value={range}
          choices={TIME_RANGES.map((value) => ({ value, label: rangeWord(value, words) }))}
          onChange={setRange}
        />
      </div>
      {!mayManage.value && (
        <p class="notice" data-testid="read-only">
          {words.targetsReadOnly}
        </p>
      )}
      {targets.data ? (
        <TargetForm
          key={`${level} ${range}`}
          client={client}
          level={level}
          subject={subject}
          route={route}
          saved={savedFor(targets.data.targets, subject)}
          targets={targets.data}
          onDone={() => dialog.current?.close()}
        />
      ) : targets.error ? (
        <p class="field-error" role="alert">
          {explainFailure(targets.error, words)}
        </p>
      ) : (
        <span class="bone bone-panel" aria-hidden="true" />
      )}
    </dialog>
  );
}

function nameOf({ cluster, domain, path }: TargetSubject): string {
  return domain === null ? cluster : `${domain}${path ?? ''}`;
}
