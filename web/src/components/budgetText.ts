import { format } from '../format';
import { messages } from '../i18n';

/** From here on an overspent budget is at least 1.01 times the allowance. */
const OVERSPENT = -0.005;

/** What is left of an error budget; of an overspent one, how many times what may fail has failed. */
export function budgetText(budget: number | null): string {
  if (budget === null || budget > OVERSPENT) return format.value.budget(budget);
  return messages.value.budgetTimes(format.value.factor(1 - budget));
}
