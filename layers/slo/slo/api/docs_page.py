"""Renders the OpenAPI document as one HTML page without scripts."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 4rem }
h2 { margin-top: 3rem; border-bottom: 1px solid #8886; font-size: 1.2rem }
h3 { margin: 1.5rem 0 .3rem; font-size: 1rem }
code, .path { font-family: ui-monospace, monospace }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700 }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #8883 }
th { font-weight: 600 }
.type { color: #777 }
nav ul { columns: 2; list-style: none; padding: 0 }
"""


def render(document: Mapping[str, Any]) -> str:
    """The HTML page of an OpenAPI document."""
    info = document["info"]
    operations = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    links = "".join(
        f'<li><a href="#{operation["operationId"]}">{escape(operation["summary"])}</a></li>'
        for _, _, operation in operations
    )
    body = "".join(_operation(*each) for each in operations)
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(info['title'])} API</h1><p>{escape(info['description'])}</p>"
        "<p>Send a token with every call: <code>Authorization: Bearer islo_...</code>. Errors are problem details "
        '(RFC 9457). For tools: <a href="openapi.json">openapi.json</a>.</p>'
        f"<nav><ul>{links}</ul></nav>{body}<h2>Types</h2>{schemas}</body></html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<h2 id="{operation["operationId"]}"><span class="method">{method.upper()}</span> '
        f'<span class="path">{escape(path)}</span></h2>',
        f"<p>{escape(operation['summary'])}. {escape(operation['description'])}</p>",
    ]
    if operation["parameters"]:
        rows = "".join(
            _row(item["name"], f"{_type(item['schema'])} ({item['in']})", item.get("description", ""))
            for item in operation["parameters"]
        )
        parts.append(f"<h3>Parameters</h3><table>{rows}</table>")
    if body := operation.get("requestBody"):
        parts.append(f"<h3>Body</h3><p>{_content(body)} {escape(body.get('description', ''))}</p>")
    rows = "".join(
        _row(code, _content(answer), answer["description"]) for code, answer in operation["responses"].items()
    )
    parts.append(f"<h3>Answers</h3><table>{rows}</table>")
    return "".join(parts)


def _content(described: Mapping[str, Any]) -> str:
    return ", ".join(_type(each["schema"]) for each in described.get("content", {}).values())


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    rows = "".join(
        _row(field, _type(described), described.get("description", ""))
        for field, described in schema["properties"].items()
    )
    about = escape(schema.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{about}</p><table>{rows}</table>'


def _row(name: str, kind: str, about: str) -> str:
    return f'<tr><th><code>{escape(name)}</code></th><td class="type">{kind}</td><td>{escape(about)}</td></tr>'


def _type(schema: Mapping[str, Any]) -> str:
    """A short name of a type as HTML; a named type becomes a link."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_items(schema)}"
    return " ".join([escape(str(schema.get("format") or schema.get("type", "any"))), *_bounds(schema)])


def _items(schema: Mapping[str, Any]) -> str:
    items = schema.get("items")
    return _type(items) if isinstance(items, dict) else ", ".join(_type(item) for item in schema.get("prefixItems", ()))


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")):
        if key in schema:
            yield f"{sign} {schema[key]:g}"
