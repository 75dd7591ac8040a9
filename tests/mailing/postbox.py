"""A mail server on loopback: it keeps what arrives, and answers as it is told to."""

from __future__ import annotations

import email
import email.policy
import logging
from collections import Counter
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Postbox:
    """What arrived, and how the next ones are answered.

    `at_recipient`, `at_text` and (once the message is kept) `after_text` get each address and
    return the server's answer, "hang up", or None for the usual one. They run in its thread.
    """

    def __init__(self):
        self.port = 0
        self.forget()

    def forget(self):
        """Be empty and friendly again."""
        self.arrived = []
        self.connections = 0
        self.at_recipient = self.at_text = self.after_text = lambda address: None

    @property
    def addresses(self):
        return [address for address, _ in self.arrived]

    def count(self):
        return Counter(self.addresses)

    def message(self, address):
        """The one message that arrived there."""
        [content] = [content for to, content in self.arrived if to == address]
        return email.message_from_bytes(content, policy=email.policy.default)

    def use(self, settings):
        """Have this process's mail delivered here."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", self.port

    # --- aiosmtpd's hooks ---

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.at_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return self._answer(server, answer)

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        answer = self.at_text(address)
        if answer is None:
            self.arrived.append((address, envelope.content.replace(b"\r\n", b"\n")))
        return self._answer(server, answer or self.after_text(address))

    def _answer(self, server, answer):
        if answer == "hang up":
            server.transport.abort()
            return "421 Bye"
        return answer or "250 OK"


class _Controller(Controller):
    def factory(self):
        return SMTP(self.handler, ident="postbox", enable_SMTPUTF8=True)

    def _trigger_server(self):
        # Whichever port was free.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


# It tells of every command.
logging.getLogger("mail.log").setLevel(logging.WARNING)


@contextmanager
def open_postbox():
    postbox = Postbox()
    controller = _Controller(postbox, hostname="127.0.0.1", port=0)
    controller.start()
    postbox.port = controller.port
    try:
        yield postbox
    finally:
        controller.stop()
