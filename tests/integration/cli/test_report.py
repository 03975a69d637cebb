"""The statement of a month by the command, against the functions' own API over HTTP."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from integration.cli.api_server import MANAGER, ApiServer
from integration.cli.test_reading import MINUTES, seen
from integration.command import Done, run
from integration.use_cases import T0

from ingress_slo.statement.words import WORDS
from lab.cloud.embedded import Embedded
from slo.counting.books import Book
from slo.store.books import HourlyBooks
from slo.times import HOUR_SECONDS

MONTH = "2027-01"
"""Of T0. The cluster falls silent in it, so its last day has hourly books only."""
CLOSED = datetime(2027, 2, 1, 2, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with Embedded() as embedded, ApiServer(embedded) as running:
        running.tokens[MANAGER] = ()
        running.managers.add(MANAGER)
        for minute in range(MINUTES + 1):
            embedded.push(seen(minute))
        embedded.roll_up_until("c1", T0 + 60.0 * MINUTES)
        embedded.roll_up_until("c1", T0 + 3 * HOUR_SECONDS)
        yield running


@pytest.fixture
def promised(server: ApiServer) -> Iterator[ApiServer]:
    server.embedded.now = T0 + 60.0
    command(server, "objectives", "set", "monthly", "--domain", "shop.example.com", "--availability", "99.9")
    server.embedded.now = CLOSED
    yield server
    server.embedded.now = T0 + 60.0
    command(server, "objectives", "delete", "monthly", "--domain", "shop.example.com")
    server.embedded.now = CLOSED


def command(server: ApiServer, *arguments: str, lang: str = "C") -> Done:
    env = {"INGRESS_SLO_URL": server.url, "INGRESS_SLO_TOKEN": MANAGER, "CLUSTER_ID": "", "LC_ALL": lang}
    return run(*arguments, env=env)


def test_the_statement_is_a_page_a_table_and_json(promised: ApiServer, tmp_path: Path) -> None:
    file = tmp_path / "statement.html"
    done = command(promised, "report", "--month", MONTH, "-o", str(file))
    assert (done.code, done.err) == (0, f"Wrote 1 objectives to {file}.")
    text = file.read_text(encoding="utf-8")
    assert "shop.example.com" in text
    assert WORDS["en"]["kept"] in text
    (row,) = csv.DictReader(io.StringIO(command(promised, "report", "--month", MONTH, "--format", "csv").out))
    assert (row["total_requests"], row["total_errors"], row["is_kept"]) == ("120000", "60", "True")
    found = json.loads(
        command(promised, "report", "--month", MONTH, "--format", "json", "--domain", "shop.example.com").out
    )
    (line,) = found["lines"]
    assert (line["total_requests"], line["allowed_errors"]) == (120_000, 120)
    assert "verification" not in line


@pytest.mark.parametrize(("locale", "language"), [("ja_JP.UTF-8", "ja"), ("zh_CN.UTF-8", "zh"), ("de_DE", "en")])
def test_the_page_is_in_the_language_of_the_locale(promised: ApiServer, locale: str, language: str) -> None:
    assert WORDS[language]["title"] in command(promised, "report", "--month", MONTH, lang=locale).out  # type: ignore[index]
    done = command(promised, "report", "--month", MONTH, "--lang", "ja", lang=locale)
    assert WORDS["ja"]["title"] in done.out


def test_it_is_counted_again_and_a_difference_is_named(promised: ApiServer) -> None:
    done = command(promised, "report", "--month", MONTH, "--verify")
    assert (done.code, done.err) == (0, "Counted again by the ledgers: 1 of 1 objectives are equal.")
    assert WORDS["en"]["verified"] in done.out
    books = promised.embedded.stores.of(HourlyBooks)
    (book, *_) = books.between("c1", "shop.example.com", int(T0) - HOUR_SECONDS, int(T0) + HOUR_SECONDS)
    books.put("c1", Book(book.domain, book.starts_at, book.step_seconds, book.steps[:-11], book.routes), 10**6)
    done = command(promised, "report", "--month", MONTH, "--verify")
    assert done.code == 1
    assert "shop.example.com monthly: the books have" in done.err
    assert "the ledgers 120,000 and 60." in done.err
    assert "which differ" in done.out
    books.put("c1", book, 10**6)


def test_a_month_that_is_not_over_says_from_when_on_it_is(server: ApiServer) -> None:
    server.embedded.now = CLOSED
    done = command(server, "report", "--month", "2027-02")
    assert (done.code, done.out) == (1, "")
    assert "2027-02 is not closed yet: its statement can be had from 2027-03-01 00:06 UTC on." in done.err
    done = command(server, "report", "--month", "October")
    assert (done.code, done.err.startswith("400: A parameter is not valid. month:")) == (1, True)


def test_a_month_without_a_promise_says_so(server: ApiServer) -> None:
    server.embedded.now = CLOSED
    assert WORDS["en"]["nothing"] in command(server, "report", "--month", "2026-12").out
