import json
import os
import time
from collections.abc import Iterator

import boto3
import pytest
from integration.command import run
from moto import mock_aws

from lab.cloud.tables import create_tables, template
from slo.api.tokens import token_hash
from slo.app.authorize import Authorize
from slo.app.stores import Stores
from slo.errors import UnauthorizedError
from slo.store.tables import Tables
from slo.store.tokens import TokenStore

REGION = "eu-central-1"
ARN = f"arn:aws:execute-api:{REGION}:000000000000:api/prod/GET/x"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenStore]:
    """The token table that the command finds."""
    with mock_aws():
        names = create_tables(boto3.client("dynamodb", region_name=REGION))
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("TOKENS_TABLE", names["TOKENS_TABLE"])
        yield TokenStore(Tables(os.environ.get))


def is_let_in(token: str, now: float) -> bool:
    try:
        Authorize(Stores(os.environ.get, lambda: now)).policy(f"Bearer {token}", ARN)
    except UnauthorizedError:
        return False
    return True


@pytest.mark.usefixtures("store")
def test_a_token_is_shown_once_and_listed_without_itself() -> None:
    token = run("tokens", "create", "--scope", "ingest", "--cluster", "c1", "--label", "laptop").out
    assert is_let_in(token, time.time())
    listed = run("tokens", "list").out
    assert "laptop" in listed
    assert token not in listed
    [document] = json.loads(run("tokens", "list", "--json").out)
    assert (document["scope"], document["clusters"], document["state"]) == ("ingest", ["c1"], "valid")


@pytest.mark.usefixtures("store")
def test_a_token_may_expire() -> None:
    token = run("tokens", "create", "--scope", "read", "--expires", "1d").out
    assert is_let_in(token, time.time())
    assert not is_let_in(token, time.time() + 86_401)


def test_a_revoked_token_is_refused_at_once_and_stays_listed(store: TokenStore) -> None:
    token = run("tokens", "create", "--scope", "read").out
    [kept] = store.all()
    assert run("tokens", "revoke", kept.id[:6], "--dry-run").code == 0
    assert is_let_in(token, time.time())
    assert run("tokens", "revoke", kept.id[:6]).code == 0
    assert not is_let_in(token, time.time())
    assert "revoked" in run("tokens", "list").out
    assert "already" in run("tokens", "revoke", kept.id).err


def test_rotation_gives_a_new_token_at_once_and_lets_the_old_one_live_for_the_overlap(store: TokenStore) -> None:
    old = run("tokens", "create", "--scope", "ingest", "--cluster", "c1").out
    [kept] = store.all()
    new = run("tokens", "rotate", kept.id, "--overlap", "2h").out
    now = time.time()
    assert new != old
    assert is_let_in(new, now + 10 * 86_400)
    assert is_let_in(old, now + 7_000)
    assert not is_let_in(old, now + 7_300)
    assert {(token.scope, token.clusters, token.label) for token in store.all()} == {
        ("ingest", ("c1",), "ingest c1"),
    }


def test_a_rotation_never_lengthens_the_old_tokens_life(store: TokenStore) -> None:
    old = run("tokens", "create", "--scope", "read", "--expires", "1h").out
    [kept] = store.all()
    run("tokens", "rotate", kept.id)
    assert not is_let_in(old, time.time() + 3_700)


def test_a_rotation_keeps_the_expiry(store: TokenStore) -> None:
    run("tokens", "create", "--scope", "manage", "--expires", "10d")
    [kept] = store.all()
    new = run("tokens", "rotate", kept.id).out
    rotated = store.get(token_hash(new))
    assert rotated is not None
    assert rotated.expires_at == kept.expires_at
    assert not is_let_in(new, time.time() + 10 * 86_400 + 1)


def test_a_rotation_may_give_a_new_lifetime(store: TokenStore) -> None:
    run("tokens", "create", "--scope", "read", "--expires", "1h")
    [kept] = store.all()
    new = run("tokens", "rotate", kept.id, "--expires", "90d").out
    assert is_let_in(new, time.time() + 89 * 86_400)
    assert not is_let_in(new, time.time() + 91 * 86_400)


def test_a_rotation_takes_the_token_on_standard_input_and_not_on_the_command_line(store: TokenStore) -> None:
    old = run("tokens", "create", "--scope", "read").out
    for arguments in (("--token", old), (old,)):
        refused = run("tokens", "rotate", *arguments)
        assert refused.code == 2
        assert old not in refused.out + refused.err
    new = run("tokens", "rotate", "--stdin", "--overlap", "0s", stdin=f"{old}\n").out
    assert is_let_in(new, time.time())
    assert not is_let_in(old, time.time() + 1)
    assert len(list(store.all())) == 2


def test_a_hostile_label_is_only_text(store: TokenStore) -> None:
    label = "[bold]x[/bold] [link=http://evil.example]y[/link] :smile: \x1b]0;z\x07\u202e"
    run("tokens", "create", "--scope", "read", "--label", label)
    [kept] = store.all()
    shown = r"[bold]x[/bold] [link=http://evil.example]y[/link] :smile: \u001b]0;z\u0007\u202e"
    assert shown in run("tokens", "list", env={"COLUMNS": "400"}).out
    [document] = json.loads(run("tokens", "list", "--json").out)
    assert document["label"] == kept.label == shown, "the dashboard shows it, too"
    for said in (run("tokens", "list", "--json").out, run("tokens", "revoke", kept.id).err):
        assert all(map(str.isprintable, said.splitlines()))


def test_a_dry_run_writes_nothing(store: TokenStore) -> None:
    assert "Would" in run("tokens", "create", "--scope", "read", "--dry-run").err
    assert list(store.all()) == []
    run("tokens", "create", "--scope", "read")
    [kept] = store.all()
    assert "Would" in run("tokens", "rotate", kept.id, "--dry-run").err
    assert list(store.all()) == [kept]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("create", "--scope", "ingest"), 2, "exactly one cluster"),
        (("create", "--scope", "ingest", "--cluster", "Not A Cluster"), 2, "not a cluster id"),
        (("create", "--scope", "read", "--expires", "soon"), 2, "not a duration"),
        (("create", "--scope", "read", "--expires", "0s"), 2, "over at once"),
        (("create", "--scope", "read", "--expires", "0d"), 2, "over at once"),
        (("rotate",), 2, "--stdin"),
        (("rotate", "abc", "--stdin"), 2, "--stdin"),
        (("rotate", "abc", "--expires", "0h"), 2, "over at once"),
        (("revoke", "abc"), 1, "No token begins with"),
        (("rotate", "abc"), 1, "tokens list"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(arguments: tuple[str, ...], code: int, says: str) -> None:
    done = run("tokens", *arguments)
    assert done.code == code
    assert says in " ".join(done.err.split())


def test_without_a_region_it_says_how_to_give_one() -> None:
    done = run("tokens", "list")
    assert done.code == 1
    assert "--region" in done.err


def test_a_token_on_the_command_line_is_answered_with_how_to_hide_it() -> None:
    """Like `docker login --password`: it works, and says that other users see it."""
    away = ("tree", "--cluster", "c1", "--url", "http://127.0.0.1:9")
    given = run(*away, "--token", "islo_x")
    assert "INGRESS_SLO_TOKEN" in given.err
    assert "islo_x" not in given.err
    for hidden in (run(*away, "--token", "-", stdin="islo_x\n"), run(*away, env={"INGRESS_SLO_TOKEN": "islo_x"})):
        assert "cannot be reached" in hidden.err
        assert "INGRESS_SLO_TOKEN" not in hidden.err


class Gateway:
    """API Gateway's memory of an authorizer's answers, by its documented rules.

    The key is the whole header that identifies the caller, in whatever case. The policy holds for every method and path
    of the stage, so it is not asked again for another one. Allowing and denying answers are remembered alike, each from
    when it was given. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    def __init__(self) -> None:
        identity = template()["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"]["Token"]["Identity"]
        self.remembers_seconds = int(identity["ReauthorizeEvery"])
        self._known: dict[str, tuple[float, bool]] = {}

    def lets_in(self, header: str, now: float) -> bool:
        answered_at, is_allowed = self._known.get(header, (0.0, False))
        if now - answered_at >= self.remembers_seconds:
            is_allowed = is_let_in(header.partition(" ")[2], now)
            self._known[header] = (now, is_allowed)
        return is_allowed


def test_a_revoked_token_is_let_in_for_at_most_the_time_that_the_gateway_remembers(store: TokenStore) -> None:
    gateway, text = Gateway(), run("tokens", "create", "--scope", "read").out
    [kept] = store.all()
    revoked_at = time.time()
    assert gateway.lets_in(f"Bearer {text}", revoked_at - 1)
    said = run("tokens", "revoke", kept.id).err
    assert f"{gateway.remembers_seconds} seconds" in said, "the command says how long"
    assert gateway.lets_in(f"Bearer {text}", revoked_at + 80), "remembered"
    assert not gateway.lets_in(f"bearer {text}", revoked_at + 80), "another header is asked for"
    assert not gateway.lets_in(f"Bearer {text}", revoked_at - 1 + gateway.remembers_seconds)
    assert not gateway.lets_in(f"Bearer {text}", revoked_at + 10 * gateway.remembers_seconds)


def test_rotating_lets_the_new_token_in_at_once_and_ends_the_old_one_by_the_same_rule(store: TokenStore) -> None:
    gateway, old = Gateway(), run("tokens", "create", "--scope", "ingest", "--cluster", "c1").out
    [kept] = store.all()
    now = int(time.time())
    new = run("tokens", "rotate", kept.id, "--overlap", "1h").out
    assert gateway.lets_in(f"Bearer {new}", now), "nothing is remembered of a token that did not exist"
    assert gateway.lets_in(f"Bearer {old}", now + 3_595)
    assert gateway.lets_in(f"Bearer {old}", now + 3_595 + gateway.remembers_seconds - 1)
    assert not gateway.lets_in(f"Bearer {old}", now + 3_605 + gateway.remembers_seconds)
    assert gateway.lets_in(f"Bearer {new}", now + 10 * 86_400)


def test_a_token_that_is_unknown_today_is_not_let_in_by_what_is_remembered_of_another(store: TokenStore) -> None:
    gateway, text, now = Gateway(), run("tokens", "create", "--scope", "read").out, time.time()
    assert list(store.all())
    assert gateway.lets_in(f"Bearer {text}", now)
    for other in (f"{text[:-1]}-", f"{text}x", text.upper(), text[:20]):
        assert not gateway.lets_in(f"Bearer {other}", now)
