/** The texts of the statement of a month, which are loaded with it. */
import { computed } from '@preact/signals';
import { language } from '../../state/preferences';
import type { Language } from '../languages';
import { en, type StatementMessages } from './en';
import { ja } from './ja';
import { zh } from './zh';

const DICTIONARIES: Readonly<Record<Language, StatementMessages>> = { en, zh, ja };

export const statementMessages = computed<StatementMessages>(() => DICTIONARIES[language.value]);
