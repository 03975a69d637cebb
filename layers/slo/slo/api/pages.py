"""Pages of a long list. A cursor holds the last item of a page and the watermark of the list."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from slo.api.parameters import invalid
from slo.errors import BadRequestError

_MAX_KEY_BYTES = 1024
"""Of a sort key in DynamoDB, which refuses to compare it with anything longer."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The end of a page."""

    as_of: Annotated[int, Meta(ge=0, lt=10**11)]
    """Watermark of the first page, Unix seconds."""
    after: str
    """Key of the page's last item."""

    def text(self) -> str:
        """The cursor as text for a URL."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Parse a cursor from a URL; None for the first page. Raises BadRequestError."""
        if not text:
            return None
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=cls)
        except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
            raise _invalid_cursor() from error

    @property
    def sort_key(self) -> str:
        """`after`, to compare sort keys of a table with. Raises BadRequestError if no key can be that long."""
        if len(self.after.encode()) > _MAX_KEY_BYTES:
            raise _invalid_cursor()
        return self.after


def _invalid_cursor() -> BadRequestError:
    return invalid("cursor", "Send `next_cursor` of the previous answer unchanged.")


def page[T](
    items: Sequence[T], keys: Sequence[str], cursor: Cursor | None, limit: int, as_of: int
) -> tuple[tuple[T, ...], str | None]:
    """A page and its next cursor (None on the last), by unique `keys`. Raises BadRequestError for a stale cursor."""
    start = 0
    if cursor is not None:
        if cursor.after not in keys:
            raise invalid("cursor", "The list has changed. Start again at the first page.")
        start = keys.index(cursor.after) + 1
    end = start + limit
    following = Cursor(as_of, keys[end - 1]).text() if end < len(items) else None
    return tuple(items[start:end]), following
