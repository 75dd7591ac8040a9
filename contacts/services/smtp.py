"""Speaking SMTP so that it is known how far each message has come.

What may have arrived must not be sent again. So whoever sends is told right before the mail
server gets a message's text, and everything that goes wrong is either a refusal, which is an
answer, or trouble, after which nobody knows.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable, Iterator
from typing import Any

PERMANENT = 500


class RefusedError(OSError):
    """The mail server answered that it does not take this message to this address.

    `permanent` says whether it is worth asking again later.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server answered {code}.")
        self.code = code
        self.permanent = code >= PERMANENT


class ServerTroubleError(OSError):
    """The mail server is not to be had, or wants none of our mail; `sentence` tells people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _BeforeText:
    """Calls `before_text` once sender and recipient are accepted and before the text goes."""

    before_text: Callable[[], None] | None = None

    def data(self, msg: Any) -> tuple[int, bytes]:
        if self.before_text is not None:
            try:
                self.before_text()
            except BaseException:
                # The server has been told of a message that will not come.
                self.rset()  # type: ignore[attr-defined]
                raise
        answer: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]
        return answer


class Plain(_BeforeText, smtplib.SMTP):
    pass


class Encrypted(_BeforeText, smtplib.SMTP_SSL):
    pass


@contextlib.contextmanager
def told_apart() -> Iterator[None]:
    """Raise RefusedError or ServerTroubleError for whatever smtplib raises inside."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        [(code, _)] = error.recipients.values()
        raise _after(code) from error
    except smtplib.SMTPDataError as error:
        raise _after(error.smtp_code) from error
    except smtplib.SMTPSenderRefused as error:
        raise ServerTroubleError(
            "The mail server does not accept mail from our address."
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        raise ServerTroubleError("The mail server refuses our user name or password.") from error
    except OSError as error:
        raise ServerTroubleError("The mail server does not answer.") from error


def _after(code: int) -> OSError:
    # 421 is no answer about the message: the server is closing the connection.
    return ServerTroubleError("The mail server is closing.") if code == 421 else RefusedError(code)
