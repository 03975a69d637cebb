/** Simplified Chinese: the error budget and its future. */
import type { BudgetMessages } from './en';

export const zh: BudgetMessages = {
  budgetOfObjective: (name, target, period) => `目标 ${name}: ${period}内 ${target}`,
  budgetOfPreset: (target, period) => `预设: ${period}内 ${target}。尚未设置目标, 因此没有任何承诺。`,
  budgetMoreMayFail: (count) => `还可失败 ${count} 次请求`,
  budgetOneMoreMayFail: '还可失败 1 次请求',
  budgetNoMoreMayFail: '不能再有失败的请求',
  budgetOverspent: (count, times) => `失败请求超出允许值 ${count} 次: 为允许值的 ${times}`,
  budgetTimes: (times) => `允许值的 ${times}`,
  budgetAllowed: (allowed, target) => `目标 ${target} 允许其中 ${allowed} 次请求失败。`,
  budgetTime: (time) => `按此请求速率, 剩余部分相当于完全中断 ${time}。`,
  budgetNone: '没有请求, 也就没有预算可消耗。',
  paceHour: '按最近一小时的速度',
  paceDay: '按最近一天的速度',
  paceObserved: (share) => ` (其中 ${share} 有观测)`,
  forecast: (pace, what) => `${pace}, ${what}`,
  forecastLasts: '不会耗尽。',
  forecastRunsOut: (at) => `将于 ${at} 耗尽。`,
  forecastSpent: '将一直处于耗尽状态。',
  forecastRecovers: (at) => `已耗尽; 将于 ${at} 重新有余额。`,
  forecastNoRequests: '无法判断: 没有请求。',
  forecastNotObserved: '无法判断: 观测太少。',
  forecastChance: (at) => (at ? `请求太少, 难以判断; 最坏情况下将于 ${at} 耗尽。` : '请求太少, 难以判断。'),
};
