"""The words of `ingress-slo tree` in English and Chinese; the same terms as in the dashboard."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["en", "zh"]


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
    no_domains="no domains yet: waiting for the first rollup",
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
    no_domains="暂无域名: 等待首次汇总",
)
_WORDS: dict[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
LANGUAGES: tuple[Language, ...] = get_args(Language)


def words_for(language: Language | None) -> Words:
    """The words of a language. None selects it by LC_ALL, LC_MESSAGES or LANG, in this order."""
    if language is not None:
        return _WORDS[language]
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return CHINESE if locale.lower().startswith("zh") else ENGLISH
