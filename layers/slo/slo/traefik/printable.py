r"""Names that a terminal, a page and a table show as they are.

Whoever declares a route or serves a metric chooses names. Some characters control what shows them: the escape that
starts a terminal's commands, those that turn the direction of the text around them, and those that nobody sees. They
are written as escapes, such as `\u001b`. So nothing is lost, and a name is the same wherever it is shown.
"""


def printable(text: str) -> str:
    """The text with an escape for each character that is not printable.

    Unicode's categories Other and Separator are not, except the space: control and format characters, surrogates,
    private and unassigned ones, and separators of lines and paragraphs.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
