import type { RuleFigures } from '../../api/types';
import { format } from '../../format';
import { messages } from '../../i18n';
import { Panel } from './Panel';

/** The rules of a route apart: a redirect and the site behind it share domain and path. Nothing for a single rule. */
export function Rules({ rules }: { rules: readonly RuleFigures[] }) {
  const words = messages.value;
  const f = format.value;
  if (rules.length < 2) return null;
  return (
    <Panel title={words.rulesApart} testId="rules">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable block must be focusable by keyboard. */}
      <div class="table-scroll" tabIndex={0} role="region" aria-label={words.rulesApart}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.rule}</th>
              <th scope="col">{words.declaredBy}</th>
              <th scope="col">{words.requests}</th>
              <th scope="col">{words.errors}</th>
              <th scope="col">{words.availability}</th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <tr key={rule.rule}>
                <th scope="row">{rule.rule}</th>
                <td>{`${rule.kind} ${rule.namespace} / ${rule.ingress_name}`}</td>
                <td>{f.count(rule.total_requests)}</td>
                <td>{f.count(rule.total_errors)}</td>
                <td>{f.availability(rule.availability)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
