import { format } from '../format';
import { messages } from '../i18n';
import { session, signOut } from '../state/session';
import { PersonIcon } from './icons';
import { Menu } from './Menu';

/** Shows the token's label and permissions, and the sign-out button. */
export function AccountMenu() {
  const words = messages.value;
  const grant = session.value?.grant;
  const isManager = grant?.scope === 'manage';
  return (
    <>
      {grant && (
        <span
          class="scope-badge"
          data-testid="scope"
          data-scope={grant.scope}
          title={isManager ? words.scopeManage : words.scopeRead}
        >
          {isManager ? words.scopeManageShort : words.scopeReadShort}
        </span>
      )}
      <Menu label={words.account} button={<PersonIcon />} testId="account">
        {grant && (
          <div class="account">
            <p class="account-label">{words.tokenLabel(grant.label)}</p>
            <p>{isManager ? words.scopeManage : words.scopeRead}</p>
            <p>{words.tokenClusters(grant.clusters.join(', ') || words.allClusters)}</p>
            <p>
              {grant.expires_at
                ? words.tokenExpires(format.value.moment(Date.parse(grant.expires_at)))
                : words.tokenNeverExpires}
            </p>
          </div>
        )}
        <button type="button" class="button wide" data-testid="sign-out" onClick={() => signOut()}>
          {words.signOut}
        </button>
      </Menu>
    </>
  );
}
