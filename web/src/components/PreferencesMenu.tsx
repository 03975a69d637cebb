import type { ComponentChildren } from 'preact';
import { messages } from '../i18n';
import { isLanguage, LANGUAGE_NAMES, LANGUAGE_TAGS, LANGUAGES } from '../i18n/languages';
import { CLOCKS, clock, language, THEMES, theme } from '../state/preferences';
import { GearIcon } from './icons';
import { Menu } from './Menu';
import { Segmented } from './Segmented';

/** Settings for language, appearance and time zone, under links to other settings. */
export function PreferencesMenu({ children }: { children?: ComponentChildren }) {
  const words = messages.value;
  const themeWords = { system: words.themeSystem, light: words.themeLight, dark: words.themeDark };
  const clockWords = { local: words.clockLocal, utc: words.clockUtc };
  return (
    <Menu label={words.settings} button={<GearIcon />} testId="settings">
      {children}
      <label class="menu-field">
        <span class="field-label">{words.language}</span>
        <select
          data-testid="language"
          value={language.value}
          onChange={(event) => {
            if (isLanguage(event.currentTarget.value)) language.value = event.currentTarget.value;
          }}
        >
          {LANGUAGES.map((each) => (
            <option key={each} value={each} lang={LANGUAGE_TAGS[each]}>
              {LANGUAGE_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      <div class="menu-field">
        <span class="field-label" aria-hidden="true">
          {words.theme}
        </span>
        <Segmented
          label={words.theme}
          name="theme"
          value={theme.value}
          choices={THEMES.map((value) => ({ value, label: themeWords[value] }))}
          onChange={(value) => {
            theme.value = value;
          }}
        />
      </div>
      <div class="menu-field">
        <span class="field-label" aria-hidden="true">
          {words.clock}
        </span>
        <Segmented
          label={words.clock}
          name="clock"
          value={clock.value}
          choices={CLOCKS.map((value) => ({ value, label: clockWords[value] }))}
          onChange={(value) => {
            clock.value = value;
          }}
        />
      </div>
    </Menu>
  );
}
