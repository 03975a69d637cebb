"""A statement as one HTML file that prints well: no scripts, nothing from elsewhere, and every name is escaped."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from ingress_slo.statement.figures import (
    Line,
    availability_text,
    budget_used_text,
    coverage_text,
    period_of,
    promised,
    reached,
    result_key,
    subject_text,
)
from ingress_slo.statement.words import HTML_LANGUAGES, WORDS
from ingress_slo.telling import time_text
from ingress_slo.words import Language
from slo.traefik.printable import printable

_STYLE = """
:root { color-scheme: light; }
body { font: 10pt/1.4 system-ui, "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", sans-serif; color: #111;
  background: #fff; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 18pt; margin: 0 0 .3rem; } h2 { font-size: 13pt; margin: 1.6rem 0 .4rem; }
h3 { font-size: 10.5pt; margin: .9rem 0 .2rem; } p { margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid #bbb;
  overflow-wrap: anywhere; }
th { border-bottom: 2px solid #444; font-weight: 600; overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
th.number { white-space: normal; } td:first-child { min-width: 12em; }
.missed, .kept, .untold { white-space: nowrap; }
.missed { font-weight: 700; color: #a40000; } .kept { color: #0b5d1e; }
.small { color: #444; font-size: 9pt; }
section { margin-top: 1.4rem; border-top: 1px solid #bbb; }
@page { size: A4 landscape; margin: 14mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; }
  thead { display: table-header-group; }
  tr, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; }
  section { break-inside: avoid-page; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

Words = dict[str, str]


def page(statement: dict[str, Any], language: Language) -> str:
    """The statement of the API, with the lines of all its pages."""
    words, lines = WORDS[language], statement["lines"]
    title = f"{words['title']} {statement['month']}"
    body = "".join(
        [
            f"<h1>{_text(title)}</h1>",
            f"<p>{_text(words['cluster'])}: <strong>{_text(statement['cluster_id'])}</strong></p>",
            f"<p>{_text(_counts(lines, words))}</p>",
            _summary(lines, words) if lines else f"<p>{_text(words['nothing'])}</p>",
            f'<p class="small">{_text(words["basis"])}</p>',
            *(_details(line, words) for line in lines),
        ]
    )
    return (
        f'<!doctype html>\n<html lang="{HTML_LANGUAGES[language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)} - {_text(statement['cluster_id'])}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _counts(lines: Sequence[Line], words: Words) -> str:
    results = [result_key(line) for line in lines]
    parts = [f"{words[key]} {results.count(key)}" for key in ("kept", "missed", "untold")]
    return f"{words['lines']}: {len(lines)} ({', '.join(parts)})"


def _summary(lines: Iterable[Line], words: Words) -> str:
    names = ["subject", "objective", "promised", "reached", "result"]
    numbers = ["requests", "errors", "allowed", "budget", "coverage"]
    rows = []
    for line in lines:
        objective, key = line["objective"], result_key(line)
        names_of = [objective["name"], period_of(line, words), objective["owner"]]
        cells = [
            _cell([subject_text(line)]),
            _cell(names_of),
            _cell(promised(objective["promise"], words["under"])),
            _cell(reached(line, words["under"])),
            f'<td class="{key}">{_text(words[key])}</td>',
            *(_number(line[name]) for name in ("total_requests", "total_errors", "allowed_errors")),
            _number(budget_used_text(line)),
            _number(coverage_text(line)),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    heads = [f'<th scope="col">{_text(words[name])}</th>' for name in names]
    heads += [f'<th scope="col" class="number">{_text(words[name])}</th>' for name in numbers]
    return f"<table>\n<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"


def _details(line: Line, words: Words) -> str:
    """What a line does not have room for; also says how it was measured."""
    head = f"{subject_text(line)} - {line['objective']['name']}"
    measured = words[line["measured_by"]] if line["measured_by"] else words["untold"]
    shared = f" ({words['shared']})" if line["shared"] else ""
    facts = [
        f"{words['promised']}: {', '.join(promised(line['objective']['promise'], words['under']))}"
        f" ({line['objective']['set_by']}, {time_text(line['objective']['set_at'])})",
        f"{words['reached']}: {availability_text(line) or words['untold']}",
        f"{words['from']} {time_text(line['from'])}, {words['to']} {time_text(line['to'])}",
        f"{words['measured']}: {measured}{shared}",
        *_verified(line, words),
    ]
    parts = [f"<p>{_text(fact)}</p>" for fact in facts]
    return f"<section>\n<h2>{_text(head)}</h2>\n{''.join(parts)}{''.join(_tables(line, words))}</section>\n"


def _tables(line: Line, words: Words) -> Iterator[str]:
    yield _table(
        words["changes"],
        [words[name] for name in ("at", "by", "what")],
        [[time_text(each["at"]), each["by"], _changed(each, words)] for each in line["changes"]],
    )
    yield _table(
        words["incidents"],
        [words[name] for name in ("kind", "severity", "from", "to", "requests", "errors")],
        [
            [
                f"{words.get(f'kind_{each["kind"]}', each['kind'])} {each['path_prefix'] or ''}",
                words.get(f"severity_{each['severity']}", each["severity"]),
                time_text(each["since"]),
                time_text(each["until"]) if each["until"] else words["went_on"],
                _counted(each["requests"]),
                _counted(each["errors"]),
            ]
            for each in line["incidents"]
        ],
    )
    heads = [words[name] for name in ("from", "to", "times", "reason", "by", "at")]
    yield _table(words["exclusions"], heads, [_excluded(each) for each in line["exclusions"]])
    if line["exclusions_in_hours"]:
        yield f'<p class="small">{_text(words["in_hours"])}</p>'
    corrected = [words["what"], words["at"], words["by"], *heads[:4]]
    yield _table(
        words["corrections"],
        corrected,
        [
            [words[each["what"]], time_text(each["corrected_at"]), each["corrected_by"], *_excluded(each)[:4]]
            for each in line["corrections"]
        ],
    )


def _excluded(each: dict[str, Any]) -> list[str]:
    rule = f" ({each['rule']})" if each["rule"] else ""
    times = [time_text(each["from"]), time_text(each["to"]), f"{each['occurrences']}{rule}"]
    return [*times, each["reason"], each["by"], time_text(each["at"])]


def _changed(change: dict[str, Any], words: Words) -> str:
    before, after = (
        None if each is None else ", ".join(promised(each, words["under"]))
        for each in (change["before"], change["after"])
    )
    if after is None:
        return f"{words['deleted']}: {before}"
    return f"{words['set']}: {after}" if before is None else f"{before} -> {after}"


def _verified(line: Line, words: Words) -> Iterator[str]:
    """Whether the figures were counted again. Without `--verify` there is no such field."""
    if "verification" not in line:
        return
    found = line["verification"]
    if found is None:
        yield words["unverified"]
    elif found["is_equal"]:
        yield words["verified"]
    else:
        yield words["differs"].format(
            requests=_counted(found["total_requests"]), errors=_counted(found["total_errors"])
        )


def _table(title: str, heads: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{_text(each)}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(_cell([each]) for each in row)}</tr>\n" for row in rows)
    return f"<h3>{_text(title)}</h3>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _cell(parts: Iterable[str]) -> str:
    return f"<td>{'<br>'.join(_text(part) for part in parts if part)}</td>"


def _number(value: int | str) -> str:
    return f'<td class="number">{_text(value if isinstance(value, str) else _counted(value))}</td>'


def _counted(value: int) -> str:
    return f"{value:,}"


def _text(text: str) -> str:
    """Text as HTML shows it, without characters that are not printable."""
    return escape(printable(text))
