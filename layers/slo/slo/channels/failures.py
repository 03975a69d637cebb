"""Why a message did not arrive, in words that may be shown and logged: they never contain an address or a secret."""


class ChannelError(Exception):
    """Base class. `words` is a sentence for whoever set the channel up."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class PermanentError(ChannelError):
    """Raised if another attempt would fail as well: the settings are wrong, or the receiver refuses the message."""


class GoneError(PermanentError):
    """Raised if the receiver wants nothing any more. The channel is disabled."""


class TemporaryError(ChannelError):
    """Raised if another attempt may succeed, not before `retry_after_seconds` if the receiver says so."""

    def __init__(self, words: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_seconds = retry_after_seconds
