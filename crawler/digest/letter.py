"""A digest as a mail: plain text, seven bits (RFC 5322, RFC 2047). Pure."""

from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from crawler.config.tree import Mail
from crawler.digest.composing import Digest


def letter(digest: Digest, mail: Mail, day: date, now: datetime) -> bytes:
    """Return a day's digest as it is sent; its Message-ID is the same each time."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = digest.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<kliping-digest.{day}.{mail.sender}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join((*digest.lines, "")), cte="quoted-printable")
    return message.as_bytes()
