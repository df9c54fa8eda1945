"""Times as web archives write them: 14 digits, or an HTTP date; pure."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

_FORM = "%Y%m%d%H%M%S"
_EARLIEST = "00010101000000"
_SECOND = timedelta(seconds=1)


def stamp(at: datetime) -> str:
    """Return a time as 14 digits, UTC."""
    return at.astimezone(UTC).strftime(_FORM)


def first_second(digits: str) -> datetime:
    """Return the first second that 4 to 14 digits can mean, UTC.

    Raises:
        ValueError: they are no time.
    """
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 14):
        raise ValueError(f"{digits!r} is no time of 4 to 14 digits")
    whole = digits + _EARLIEST[len(digits) :]
    return datetime.strptime(whole, _FORM).replace(tzinfo=UTC)


def last_second(digits: str) -> datetime:
    """Return the last second that 4 to 14 digits can mean, UTC.

    Raises:
        ValueError: they are no time.
    """
    first = first_second(digits)
    month = 12 if len(digits) < 6 else first.month
    last_day = monthrange(first.year, month)[1]
    return first.replace(
        month=month,
        day=last_day if len(digits) < 8 else first.day,
        hour=23 if len(digits) < 10 else first.hour,
        minute=59 if len(digits) < 12 else first.minute,
        second=59 if len(digits) < 14 else first.second,
    )


def following(digits: str) -> datetime | None:
    """Return the first second behind all that 4 to 14 digits can mean, UTC.

    None behind the last second that there is: `9999` means no end.

    Raises:
        ValueError: they are no time.
    """
    try:
        return last_second(digits) + _SECOND
    except OverflowError:
        return None


def http_date(at: datetime) -> str:
    """Return a time as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def read_http_date(text: str) -> datetime:
    """Return the time that an HTTP date means, UTC.

    Raises:
        ValueError: it is none, or of another zone than GMT (RFC 7089, section 2.1.1.1).
    """
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"{text!r} is no HTTP date") from error
    if at.utcoffset() or not text.rstrip().endswith("GMT"):
        raise ValueError(f"{text!r} is not in GMT")
    return at.replace(tzinfo=UTC)
