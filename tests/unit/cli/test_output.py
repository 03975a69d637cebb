"""Whatever a name holds, the terminal only shows it."""

import ast
import io
import json
from pathlib import Path
from typing import Any

import pytest

import ingress_slo
from ingress_slo import output
from ingress_slo.drawing import draw, milliseconds, per_second, percent
from ingress_slo.words import ENGLISH

EVIL = (
    "[bold]x[/bold] [link=http://evil.example]y[/link] :smile: "
    "\x1b]0;title\x07\x1b[2J\u202egpj.exe\u2066\U000e0041\u2028"
)
SHOWN = (
    "[bold]x[/bold] [link=http://evil.example]y[/link] :smile: "
    r"\u001b]0;title\u0007\u001b[2J\u202egpj.exe\u2066\U000e0041\u2028"
)
CURRENT = {
    "availability": 0.5,
    "p95_latency": 1.0,
    "requests_per_sec": 1.0,
    "latency_lower_bounds": [],
}


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the command writes to a terminal with colours, as wide as it takes."""
    terminal, file = output.PlainConsole(), io.StringIO()
    monkeypatch.setattr(terminal, "_file", file)
    monkeypatch.setattr(terminal, "_force_terminal", True)
    monkeypatch.setattr(terminal, "_width", 400)
    monkeypatch.setattr(output, "console", lambda: terminal)
    return file


def test_a_table_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    written = on_a_terminal(monkeypatch)
    output.show_table(("LABEL", "AGENT"), [(EVIL, EVIL)], empty="")
    assert written.getvalue().count(SHOWN) == 2
    assert "\x1b]" not in written.getvalue(), "no link, no title of the window"


def test_the_tree_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    written = on_a_terminal(monkeypatch)
    route = {"path_prefix": EVIL, "current": CURRENT, "status": "warning", "not_counted": "", "shared": True}
    domain = {"domain": EVIL, "status": "critical", "routes": [{**route, "shared_with": [[EVIL, EVIL]]}]}
    service = {"service_name": EVIL, "current": CURRENT}
    output.console().print(draw({"stale": True, "domains": [domain], "unattributed": [service]}, ENGLISH))
    assert written.getvalue().count(SHOWN) == 5
    assert "\x1b]" not in written.getvalue()
    assert "\u202e" not in written.getvalue()


def test_json_keeps_every_name_and_controls_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_json({EVIL: ["b\u00fccher", "\x7f\x9b", EVIL]})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {EVIL: ["b\u00fccher", "\x7f\x9b", EVIL]}
    assert all(map(str.isprintable, printed.splitlines()))
    assert "b\u00fccher" in printed


def test_notes_and_errors_show_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output.note(f"The token {EVIL} is revoked.")
    assert SHOWN in capsys.readouterr().err


def test_nothing_but_the_module_of_output_writes_to_the_terminal() -> None:
    """A `Console`, `print` or `echo` elsewhere would show names raw. Tokens are ours, documents have own writers."""
    allowed = {"output.py", "commands/tokens.py", "commands/export.py", "commands/report.py"}
    folder = Path(ingress_slo.__file__).parent
    found = {str(file.relative_to(folder)) for file in folder.rglob("*.py") if _writers(ast.parse(file.read_text()))}
    assert found <= allowed


def _writers(tree: ast.AST) -> list[Any]:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.id if isinstance(call, ast.Name) else ast.unparse(call) for call in calls]
    return [name for name in names if name in ("print", "Console", "typer.echo", "sys.stdout.write", "rich.print")]


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (1.0, "100%"),
        (0.0, "0%"),
        (0.98765, "98.77%"),
        (0.995, "99.50%"),
        (0.99996, "99.996%"),
        (1 - 1e-7, "99.99999%"),
        (1 - 1e-12, "99.999999%"),
        (1e-6, "0.01%"),
        (0.98694, "98.69%"),
    ],
)
def test_a_percentage_is_rounded_as_on_the_page(ratio: float, shown: str) -> None:
    """The page's own tests are in web/tests/numbers.test.ts."""
    assert percent(ratio) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.04, "0ms"), (9.96, "10ms"), (4.75, "4.8ms"), (250.4, "250ms"), (1_234.5, "1,235ms"), (12_340.0, "12.3s")],
)
def test_a_latency_is_rounded_as_on_the_page(value: float, shown: str) -> None:
    assert milliseconds({"p95_latency": value, "latency_lower_bounds": []}) == shown
    assert milliseconds({"p95_latency": value, "latency_lower_bounds": ["p95_latency"]}) == f">{shown}"


@pytest.mark.parametrize(
    ("rate", "shown"), [(0.0, "0"), (0.004, "<0.01"), (0.126, "0.13"), (12.34, "12.3"), (1_234.4, "1,234")]
)
def test_a_rate_is_rounded_as_on_the_page(rate: float, shown: str) -> None:
    assert per_second(rate) == shown
