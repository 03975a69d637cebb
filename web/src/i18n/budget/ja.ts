/** Japanese: the error budget and its future. */
import type { BudgetMessages } from './en';

export const ja: BudgetMessages = {
  budgetOfObjective: (name, target, period) => `目標 ${name}: ${period}で ${target}`,
  budgetOfPreset: (target, period) => `既定値: ${period}で ${target}。目標は未設定で、約束はありません。`,
  budgetMoreMayFail: (count) => `あと ${count} 件まで失敗できます`,
  budgetOneMoreMayFail: 'あと 1 件だけ失敗できます',
  budgetNoMoreMayFail: 'これ以上は失敗できません',
  budgetOverspent: (count, times) => `許容を ${count} 件超えて失敗しました (許容の ${times})`,
  budgetTimes: (times) => `許容の ${times}`,
  budgetAllowed: (allowed, target) => `目標 ${target} が許す失敗は ${allowed} 件です。`,
  budgetTime: (time) => `残りは、このリクエスト頻度で完全停止 ${time} に相当します。`,
  budgetNone: 'リクエストがないため、消費するバジェットもありません。',
  paceHour: '直近 1 時間のペースでは',
  paceDay: '直近 1 日のペースでは',
  paceObserved: (share) => ` (うち ${share} を観測)`,
  forecast: (pace, what) => `${pace}、${what}`,
  forecastLasts: '尽きません。',
  forecastRunsOut: (at) => `${at} に尽きます。`,
  forecastSpent: '尽きたままです。',
  forecastRecovers: (at) => `すでに尽きています。${at} に回復し始めます。`,
  forecastNoRequests: 'リクエストがなく、判断できません。',
  forecastNotObserved: '観測が足りず、判断できません。',
  forecastChance: (at) =>
    at ? `件数が少なく判断できません。運が悪ければ ${at} に尽きます。` : '件数が少なく判断できません。',
};
