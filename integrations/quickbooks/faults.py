"""What can go wrong with a call to Intuit, as a small family of exceptions.

`str()` of each holds our own words, the code and Intuit's trace id, never Intuit's text: that
quotes tokens (401) and people's names (5010). Whoever needs it asks for `detail.reveal()`.
"""

from __future__ import annotations

from typing import ClassVar


class Hidden:
    """A text that no repr, log line or error page shows by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "<hidden>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)


class QuickBooksError(Exception):
    """Anything that kept a call from succeeding.

    `code` is QBO's fault code or OAuth's error name, "" without one; `status` the HTTP status,
    0 without an answer. `outcome_unknown` says whether a write may have happened all the same.
    """

    sentence: ClassVar[str] = "QuickBooks did not carry out the request"
    outcome_unknown: ClassVar[bool] = False

    def __init__(
        self, *, code: str = "", status: int = 0, intuit_tid: str = "", detail: str = ""
    ) -> None:
        self.code = code
        self.status = status
        self.intuit_tid = intuit_tid
        self.detail = Hidden(detail)
        parts = [f"code {code}" * bool(code), f"HTTP {status}" * bool(status), intuit_tid]
        known = ", ".join(part for part in parts if part)
        super().__init__(f"{self.sentence} ({known})" if known else self.sentence)


class Transient(QuickBooksError):
    """Worth trying again later without anybody's help."""


class Throttled(Transient):
    """Too many calls. `retry_after` is in seconds, None if Intuit named no time."""

    sentence = "QuickBooks asked to be called less often"

    def __init__(
        self,
        *,
        retry_after: float | None = None,
        code: str = "",
        status: int = 0,
        intuit_tid: str = "",
        detail: str = "",
    ) -> None:
        self.retry_after = retry_after
        super().__init__(code=code, status=status, intuit_tid=intuit_tid, detail=detail)


class ServerTrouble(Transient):
    """A 5xx answer. A write may have happened."""

    sentence = "QuickBooks had a problem of its own"
    outcome_unknown = True


class TimedOut(Transient):
    """No whole answer came in time, or the line broke after sending. A write may have happened."""

    sentence = "QuickBooks did not answer in time"
    outcome_unknown = True


class Unreachable(Transient):
    """No connection was made, so nothing happened there."""

    sentence = "QuickBooks could not be reached"


class Rejected(QuickBooksError):
    """QuickBooks understood and refused. The same request will be refused again.

    `element` names the property it is about, "" mostly.
    """

    sentence = "QuickBooks refused the request"

    def __init__(
        self,
        *,
        element: str = "",
        code: str = "",
        status: int = 0,
        intuit_tid: str = "",
        detail: str = "",
    ) -> None:
        self.element = element
        super().__init__(code=code, status=status, intuit_tid=intuit_tid, detail=detail)


class StaleObject(Rejected):
    """5010: somebody changed the record since we read it."""

    sentence = "The record was changed in QuickBooks meanwhile"


class NotFound(Rejected):
    """610: deleted, or something the request refers to is inactive."""

    sentence = "QuickBooks no longer has this record, or something it refers to is inactive"


class DuplicateName(Rejected):
    """6240. `holder_id` is the id of whoever has the name, None if QuickBooks did not say;
    it may be a customer's, vendor's, employee's or item's."""

    sentence = "The name is already taken in QuickBooks"
    holder_id: str | None = None


class DuplicateNumber(Rejected):
    """6140. `txn_id` and `txn_type` name the transaction that has the number, if given."""

    sentence = "The document number is already used in QuickBooks"
    txn_id: str | None = None
    txn_type: str | None = None


class UnreadablePage(Rejected):
    """4002: one bad row makes QuickBooks fail the whole page; ask for smaller pages."""

    sentence = "QuickBooks could not produce this page of records"


class SubscriptionEnded(Rejected):
    """6190, 3202: the company's QuickBooks subscription ended or is suspended."""

    sentence = "The QuickBooks subscription of this company has ended"


class Unauthorized(QuickBooksError):
    """401: the access token is not accepted. A refresh tells whether the connection lives."""

    sentence = "QuickBooks did not accept the access token"


class Forbidden(QuickBooksError):
    """3100, 120, 5020, a bare 403: the app, or the person who connected it, has no right to it."""

    sentence = "The connection has no right to do this in QuickBooks"


class ReconnectNeeded(QuickBooksError):
    """invalid_grant: the refresh token is dead. Only a person connecting again helps."""

    sentence = "QuickBooks has to be connected again"


class BadClientKeys(QuickBooksError):
    """invalid_client: Intuit does not know this client id and secret."""

    sentence = "Intuit did not accept the app's client id and secret"


class UnexpectedAnswer(QuickBooksError):
    """An answer that is none of the documented ones. A write may have happened."""

    sentence = "QuickBooks sent an answer that cannot be understood"
    outcome_unknown = True
