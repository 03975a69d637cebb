"""The words of `ingress-slo tree` in English, Chinese and Japanese; the same terms as in the dashboard."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["en", "zh", "ja"]


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    availability: str
    requests_per_second: str
    statuses: dict[str, str]
    shared: str
    unattributed: str
    as_of: str
    stale: str
    no_domains: str


ENGLISH = Words(
    availability="availability",
    requests_per_second="req/s",
    statuses={
        "healthy": "healthy",
        "warning": "warning",
        "critical": "critical",
        "unknown": "unknown",
        "no_traffic": "no traffic",
        "not_counted": "not counted",
        "stale": "stale",
    },
    shared="shared with",
    unattributed="services without a route",
    as_of="as of",
    stale="no snapshot for five minutes: is the agent running?",
    no_domains="no domains yet: they come with the second snapshot",
)
CHINESE = Words(
    availability="可用性",
    requests_per_second="请求/秒",
    statuses={
        "healthy": "健康",
        "warning": "警告",
        "critical": "严重",
        "unknown": "未知",
        "no_traffic": "无流量",
        "not_counted": "未计数",
        "stale": "数据过期",
    },
    shared="共享统计",
    unattributed="未匹配路由的服务",
    as_of="截至",
    stale="五分钟内没有收到快照: 采集器是否在运行?",
    no_domains="暂无域名: 将随下一个快照显示",
)
JAPANESE = Words(
    availability="可用性",
    requests_per_second="リクエスト/秒",
    statuses={
        "healthy": "正常",
        "warning": "警告",
        "critical": "重大",
        "unknown": "不明",
        "no_traffic": "トラフィックなし",
        "not_counted": "計測対象外",
        "stale": "更新停止",
    },
    shared="合算:",
    unattributed="ルートのないサービス",
    as_of="時点:",
    stale="5 分間スナップショットが届いていません。エージェントは動いていますか。",
    no_domains="ドメインはまだありません。次のスナップショットとともに表示されます。",
)
_WORDS: dict[Language, Words] = {"en": ENGLISH, "zh": CHINESE, "ja": JAPANESE}
LANGUAGES: tuple[Language, ...] = get_args(Language)


def words_for(language: Language | None) -> Words:
    """The words of a language. None selects it by the locale."""
    return _WORDS[language_for(language)]


def language_for(language: Language | None) -> Language:
    """The language. None selects it by LC_ALL, LC_MESSAGES or LANG, in this order."""
    if language is not None:
        return language
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return next((code for code in LANGUAGES if locale.lower().startswith(code)), "en")
