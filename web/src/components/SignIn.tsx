import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError, OfflineError } from '../api/errors';
import { type Messages, messages } from '../i18n';
import { explainFailure } from '../i18n/said/failures';
import { READ_TOKEN } from '../install/commands';
import { goodbye, signIn } from '../state/session';
import { CopyBlock } from './CopyBlock';
import { LogoMark } from './icons';
import { PreferencesMenu } from './PreferencesMenu';

const PREFIX = 'islo_';
const TEXT = { type: 'text' } as const;
const PASSWORD = { type: 'password' } as const;

export function SignIn() {
  const words = messages.value;
  const field = useRef<HTMLInputElement>(null);
  const [isChecking, setChecking] = useState(false);
  const [isShown, setShown] = useState(false);
  const [error, setError] = useState<((words: Messages) => string) | null>(null);

  useLayoutEffect(() => field.current?.focus(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    const wrong = problemWith(token);
    setError(() => wrong);
    if (wrong) {
      field.current?.focus();
      return;
    }
    setChecking(true);
    try {
      await signIn(token);
    } catch (failure) {
      setError(() => explain(failure));
      setChecking(false);
      field.current?.focus();
    }
  };

  return (
    <div class="sign-in">
      <div class="sign-in-corner">
        <PreferencesMenu />
      </div>
      <main class="sign-in-card">
        <h1 class="brand">
          <LogoMark />
          {words.product}
        </h1>
        <p class="lead">{words.signInLead}</p>
        {goodbye.value && !error && (
          <p class="notice" role="status">
            {goodbye.value === 'rejected' ? words.sessionRejected : words.signedOut}
          </p>
        )}
        <form onSubmit={submit} noValidate>
          <label class="field-label" for="token">
            {words.tokenField}
          </label>
          <div class="token-field">
            <input
              id="token"
              ref={field}
              {...(isShown ? TEXT : PASSWORD)}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              aria-invalid={error !== null}
              aria-describedby={error ? 'token-error token-hint' : 'token-hint'}
            />
            <button type="button" class="button quiet" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? words.hideToken : words.showToken}
            </button>
          </div>
          {error && (
            <p id="token-error" class="field-error" role="alert">
              {error(words)}
            </p>
          )}
          <p id="token-hint" class="hint">
            {words.tokenHint}
          </p>
          <button type="submit" class="button primary wide" disabled={isChecking}>
            {isChecking ? words.signingIn : words.signIn}
          </button>
        </form>
        <p class="hint">{words.noToken}</p>
        <CopyBlock text={READ_TOKEN} />
      </main>
    </div>
  );
}

function problemWith(token: string): ((words: Messages) => string) | null {
  if (!token) return (words) => words.tokenMissing;
  return token.startsWith(PREFIX) ? null : (words) => words.tokenNotOurs;
}

function explain(failure: unknown): (words: Messages) => string {
  if (failure instanceof OfflineError) return (words) => words.errorOffline;
  if (!(failure instanceof ApiError)) return (words) => words.errorUnexpected;
  if (failure.status === 401) return (words) => words.tokenRejected;
  if (failure.status === 403) return (words) => words.tokenForbidden;
  return (words) => explainFailure(failure, words);
}
