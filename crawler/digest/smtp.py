"""Hand a mail to a mail server (RFC 5321); the operator's own, so it may be private.

It blocks, for a thread. What the server refused was not taken; where the connection
broke after the mail had gone out, nobody knows.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR

from crawler.config.tree import Mail
from crawler.errors import MailFailed

_PATIENCE = 20.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_OK, _NEVER = range(200, 300), range(500, 600)


@dataclass(slots=True)
class Delivery:
    """One mail on its way.

    Attributes:
        mail: By whom and to whom.
        letter: What is sent.
        trust: Whom is believed under TLS.
        refused: Who did not get it though others did, each with what the server said.
    """

    mail: Mail
    letter: bytes
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    refused: list[str] = field(default_factory=list)
    _client: smtplib.SMTP | None = None
    _is_out: bool = False

    def run(self) -> None:
        """Hand it over.

        Raises:
            MailFailed: It was not taken, or nobody knows.
        """
        try:
            self._hand_over()
        except smtplib.SMTPResponseException as error:
            said = _said(error.smtp_code, error.smtp_error)
            raise MailFailed(said) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            why = str(error) or type(error).__name__
            raise MailFailed(why, is_unsure=self._is_out) from error
        finally:
            if self._client is not None:
                self._client.close()

    def abort(self) -> None:
        """Break the connection: who hands it over fails at once."""
        sock = self._client.sock if self._client is not None else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _hand_over(self) -> None:
        client = self._client = self._connected()
        if self.mail.user:
            client.login(self.mail.user, self.mail.password.get_secret_value())
        _expect(*client.mail(self.mail.sender))
        self._address(client)
        _expect(*client.docmd("DATA"), accepted=range(354, 355))
        self._is_out = True
        client.send(_dotted(self.letter))
        _expect(*client.getreply())
        with suppress(smtplib.SMTPException, OSError):
            client.quit()

    def _address(self, client: smtplib.SMTP) -> None:
        """Name who gets it; one whom the server will never know costs the others nothing."""
        refusal = 0, b""
        for one in self.mail.to:
            code, said = client.rcpt(one)
            if code in _NEVER:
                refusal = code, said
                self.refused.append(f"{one}: {_said(code, said)}")
            else:
                _expect(code, said)
        if len(self.refused) == len(self.mail.to):
            raise smtplib.SMTPResponseException(*refusal)

    def _connected(self) -> smtplib.SMTP:
        mail = self.mail
        port = mail.port or _PORTS[mail.security]
        client = (
            smtplib.SMTP_SSL(timeout=_PATIENCE, context=self.trust)
            if mail.security == "tls"
            else smtplib.SMTP(timeout=_PATIENCE)
        )
        self._client = client
        # Whom TLS checks; `connect` forgets it, and a client that connects as it is
        # made cannot be broken off meanwhile.
        client._host = mail.host  # type: ignore[attr-defined]  # noqa: SLF001
        _expect(*client.connect(mail.host, port))
        if mail.security == "starttls":
            client.starttls(context=self.trust)
        client.ehlo_or_helo_if_needed()
        return client


def _expect(code: int, said: bytes, *, accepted: range = _OK) -> None:
    if code not in accepted:
        raise smtplib.SMTPResponseException(code, said)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    return f"{code} {text}"


def _dotted(letter: bytes) -> bytes:
    """Return a letter as it goes out: lines that begin with a dot have one more."""
    text = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
    return (
        b"".join(
            b"." + line if line.startswith(b".") else line
            for line in text.splitlines(keepends=True)
        )
        + b".\r\n"
    )
