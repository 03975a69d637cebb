import re
from pathlib import Path

import pytest

from lab.docs import DOCS, DocsError, Shell, account, block, blocks
from lab.paths import ROOT

PAGES = sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("agent/**/*.md")])


def page(folder: Path, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(text)
    return file


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_command_of_every_page_says_whether_it_is_run(file: Path) -> None:
    for each in blocks(file):
        assert each.purpose or each.language != "sh"


def test_a_command_without_a_word_about_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocsError, match="make demo"):
        blocks(page(tmp_path, "```sh\nmake demo\n```\n"))


def test_two_blocks_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocsError, match="same name"):
        blocks(page(tmp_path, "<!-- run: a -->\n```sh\nx\n```\n\n<!-- run: a -->\n```sh\ny\n```\n"))


def test_a_block_to_fill_in_takes_other_values(tmp_path: Path) -> None:
    text = "<!-- fill in: x -->\n```sh\nexport A=1   # first\nexport B_C=two\n```\n"
    found = block(page(tmp_path, text), "x")
    assert found.filled_in({"A": "3 4", "B_C": ""}) == "export A='3 4'\nexport B_C=''"
    with pytest.raises(DocsError, match="B_C"):
        found.filled_in({"A": "3"})


def test_a_shell_keeps_what_a_block_exports_and_stops_where_one_fails() -> None:
    with Shell({}) as shell:
        shell.run("export GREETING=$(echo 'good day')")
        shell.run('greet() { echo "$GREETING, $1"; }; export -f greet')
        assert shell.run("greet you") == "good day, you\n"
        with pytest.raises(DocsError, match="nothing here"):
            shell.run("echo nothing here; false; echo not reached")


def test_a_shell_has_only_what_a_page_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Shell({"GIVEN": "1"}) as shell:
        shell.run("export EXPORTED=1")
        names = {line.partition("=")[0] for line in shell.run("env").splitlines()}
    assert names - {"_", "OLDPWD", "PWD", "SHLVL"} == {"PATH", "HOME", "GIVEN", "EXPORTED", "KUBECACHEDIR"}


def test_a_reader_who_changes_folder_stays_there(tmp_path: Path) -> None:
    with Shell({}, tmp_path) as shell:
        shell.run("mkdir 'a folder'; cd 'a folder'")
        assert shell.run("pwd") == f"{tmp_path}/a folder\n"


def test_an_account_has_no_region() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "http://127.0.0.1"}
    given = account({**keys, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"})
    assert [name for name in given if "REGION" in name] == []


_USED = re.compile(r"\$\{?([A-Z][A-Z_]*)(?!\w|:-)")
_SET = re.compile(r"^(?:export (?=.)|(?=[A-Z_]+=\S+$))([A-Z_]+)=", re.MULTILINE)
_INSTALLED_BY_THE_QUICK_START = re.compile(r"^(?:ingress-slo|sam) ", re.MULTILINE)
_SAME_TERMINAL = "terminal of the [quick start](quick-start.md)"
_ANY_TERMINAL = {"PWD", "HOME"}


def commands(file: Path, *purposes: str) -> str:
    return "\n".join(each.text for each in blocks(file) if each.purpose in purposes)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_what_a_command_needs_is_exported_by_its_page_or_by_the_quick_start_that_it_names(file: Path) -> None:
    pasted = commands(file, "run")
    used = {*_USED.findall(pasted)} | ({"PATH"} if _INSTALLED_BY_THE_QUICK_START.search(pasted) else set())
    here = {*_SET.findall(commands(file, "run", "fill in", "elsewhere"))}
    if _SAME_TERMINAL in " ".join(file.read_text().split()):
        here |= {*_SET.findall(commands(DOCS / "quick-start.md", "run", "fill in"))}
    assert used <= here | _ANY_TERMINAL


_LINK = re.compile(r"\]\(([^)\s#]*)(#[^)\s]+)?\)")


def anchors(file: Path) -> set[str]:
    """The anchors that GitHub makes for the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    return {"#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_link_within_the_repository_leads_somewhere(file: Path) -> None:
    broken = []
    for target, anchor in _LINK.findall(file.read_text()):
        if "://" in target:
            continue
        there = (file.parent / target).resolve() if target else file
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target + anchor)
    assert broken == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_file_that_a_page_names_is_there(file: Path) -> None:
    named = re.findall(r"`((?:agent|bench|cli|functions|lab|layers|tests|web)/[\w/.-]+\.\w+)", file.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []
