/** English: the error budget and its future. */
export const en = {
  budgetOfObjective: (name: string, target: string, period: string) => `Objective ${name}: ${target} in ${period}`,
  budgetOfPreset: (target: string, period: string) =>
    `Preset: ${target} in ${period}. Nobody has set an objective, so nothing is promised.`,
  budgetMoreMayFail: (count: string) => `${count} more requests may fail`,
  budgetOneMoreMayFail: '1 more request may fail',
  budgetNoMoreMayFail: 'No more request may fail',
  budgetOverspent: (count: string, times: string) => `${count} more requests failed than may: ${times} the allowance`,
  budgetTimes: (times: string) => `${times} the allowance`,
  budgetAllowed: (allowed: string, target: string) => `A target of ${target} lets ${allowed} requests of it fail.`,
  budgetTime: (time: string) => `The rest equals ${time} of full outage, at this rate of requests.`,
  budgetNone: 'Without requests there is no budget to spend.',
  paceHour: 'At the pace of the last hour',
  paceDay: 'At the pace of the last day',
  paceObserved: (share: string) => ` (${share} of it was observed)`,
  forecast: (pace: string, what: string) => `${pace}, ${what}`,
  forecastLasts: 'it does not run out.',
  forecastRunsOut: (at: string) => `it runs out on ${at}.`,
  forecastSpent: 'it stays spent.',
  forecastRecovers: (at: string) => `it is spent; there is some again on ${at}.`,
  forecastNoRequests: 'nothing can be said: there were no requests.',
  forecastNotObserved: 'nothing can be said: too little was observed.',
  forecastChance: (at: string) =>
    at ? `too few requests to tell; with bad luck it runs out on ${at}.` : 'too few requests to tell.',
};

export type BudgetMessages = typeof en;
