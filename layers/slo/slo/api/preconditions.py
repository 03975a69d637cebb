"""`If-Match`: keeps two people from overwriting each other's changes (RFC 9110, section 13.1.1)."""

from slo.errors import PreconditionFailedError, PreconditionRequiredError

_ANY_VERSION = "*"


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def check(version: int, if_match: str, what: str) -> None:
    """Check that a caller has read the stored version. `what` begins the sentence of an error: "This target".

    Raises PreconditionRequiredError if the caller sent no `If-Match`, PreconditionFailedError if it names another one.
    """
    if not if_match:
        raise PreconditionRequiredError(
            f"{what} is set already. To change it, send If-Match: {etag(version)}, so that no other edit is lost."
        )
    seen = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    if str(version) not in seen and _ANY_VERSION not in seen:
        raise changed(what)


def changed(what: str) -> PreconditionFailedError:
    """The error for a caller who has read an older version."""
    return PreconditionFailedError(f"{what} has changed since you read it. Read it again before you change it.")
