"""Durations and sizes as people write them: `90s`, `1h30m`, `7d`, `10MiB`."""

import re
from datetime import timedelta
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}
_UNITS = ("KiB", "MiB", "GiB", "TiB")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhdw])\s*", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]i?b|b)?", re.IGNORECASE)


def read_duration(value: object) -> timedelta:
    """Read `1h30m`, `10 s` or a bare number of seconds.

    Raises:
        ValueError: the value is neither, or is negative.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return _length(value)
    text = str(value).strip()
    parts = list(_PART.finditer(text))
    if not parts or "".join(p.group() for p in parts) != text:
        raise ValueError("write a duration such as 90s, 10m, 1h30m or 7d")
    return _length(sum(float(p[1]) * _SECONDS[p[2].lower()] for p in parts))


def _length(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError("longer than any duration") from error


def write_duration(value: timedelta) -> str:
    """Write a duration in the largest units that hold it exactly.

    >>> write_duration(timedelta(minutes=90))
    '1h30m'
    """
    rest = round(value.total_seconds() * 1000)
    out = []
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        count, rest = divmod(rest, length)
        out.append(f"{count}{unit}" if count else "")
    if rest or not any(out):
        out.append(f"{rest // 1000}s" if rest % 1000 == 0 else f"{rest}ms")
    return "".join(out)


def read_size(value: object) -> int:
    """Read `10MiB`, `512 kB` or a bare number of bytes.

    Raises:
        ValueError: the value is neither, or is negative.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(str(value).strip())
    if not match:
        raise ValueError("write a size such as 512KiB, 10MiB or 2GB")
    size = float(match[1]) * _BYTES[(match[2] or "b").lower()]
    if not isfinite(size):
        raise ValueError("more than any size")
    return int(size)


def write_size(count: int) -> str:
    """Write a number of bytes with the unit that fits.

    >>> write_size(1536)
    '1.5 KiB'
    """
    if count < 1024:
        return f"{count} B"
    power = min((count.bit_length() - 1) // 10, len(_UNITS))
    return f"{count / 1024**power:.1f} {_UNITS[power - 1]}"


#: How a duration is written, for descriptions.
_Written = (
    Annotated[
        str,
        Field(pattern=r"^([0-9]{1,9}(\.[0-9]{1,9})? ?(ms|min|[smhdw]) ?)+$"),
    ]
    | Annotated[float, Field(ge=0)]
)
Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration, json_schema_input_type=_Written),
    PlainSerializer(write_duration),
]
Size = Annotated[int, BeforeValidator(read_size)]
