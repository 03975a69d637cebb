/** The texts of the dialogs about objectives and times that do not count, which are loaded with them. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences';
import type { Language } from '../languages';
import { en, type LaterMessages } from './en';
import { ja } from './ja';
import { zh } from './zh';

const DICTIONARIES: Readonly<Record<Language, LaterMessages>> = { en, zh, ja };

export const laterMessages = computed<LaterMessages>(() => DICTIONARIES[language.value]);
