from typing import Any

from ingress_slo.api import Api


class TwoPages(Api):
    """Answers the list in two pages."""

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        assert path == "/api/v2/slo/domains"
        is_first = "cursor" not in query
        return {
            "domains": [{"domain": "a.example.com" if is_first else "b.example.com"}],
            "unattributed": ["only on the first page"] if is_first else [],
            "next_cursor": "more" if is_first else None,
        }


def test_the_domains_of_every_page_are_read() -> None:
    answer = TwoPages("http://127.0.0.1", "token").domains("c1", "1d")
    assert [each["domain"] for each in answer["domains"]] == ["a.example.com", "b.example.com"]
    assert (answer["unattributed"], answer["next_cursor"]) == (["only on the first page"], None)
