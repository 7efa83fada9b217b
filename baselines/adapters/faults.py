"""What can go wrong on the way to a model: one tree, into which every library's exceptions are mapped in one place."""

from __future__ import annotations

from study.database import StudyError


class AdapterFault(StudyError):
    """No answer came; ``status`` is the HTTP status where there was one, ``again`` whether asking again may help.

    ``raw`` is the body that came in place of an answer, as it came but for keys, which are struck out.
    """

    again = True

    def __init__(self, message: str, status: int | None = None, raw: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.raw = raw


class Busy(AdapterFault):
    """Too many requests; ``after`` is how many seconds to wait, where that was said."""

    def __init__(self, message: str, after: float | None = None, status: int = 429, raw: str | None = None) -> None:
        super().__init__(message, status, raw)
        self.after = after


class Away(AdapterFault):
    """The endpoint could not be reached, broke off, took too long, failed by itself (5xx), or answered no sense."""


class Rejected(AdapterFault):
    """The endpoint refused the request as it is (key, model's name, quota, a parameter): asking again is no use."""

    again = False


class Declined(Rejected):
    """The API itself will not have the model answer this. Adapters tell it as the outcome ``refused``."""
