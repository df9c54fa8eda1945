"""What browsers read in EUC-JP beside the standard: the rows of NEC and IBM (WHATWG, index jis0208).

Python's codec has neither: `①`, `㈱` and the `髙` of names were lost.
"""

import codecs

#: The name of what `bytes.decode` calls for bytes that are none of the standard's.
ERRORS = "kliping-euc-jp"
_LEAD = range(0xA1, 0xFF)


def _read_rows_of_vendors(error: UnicodeError) -> tuple[str, int]:
    """Return a character that Windows has in the same place of Shift JIS."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and all(byte in _LEAD for byte in pair):
        try:
            return _as_shift_jis(*pair).decode("cp932"), error.start + 2
        except UnicodeDecodeError:
            pass
    return "\ufffd", error.end


def _as_shift_jis(first: int, second: int) -> bytes:
    """Return row and cell as Shift JIS writes them, two rows to a lead byte."""
    row, cell = first - 0xA1, second - 0xA1
    lead = 0x81 + row // 2 + (0x40 if row >= 62 else 0)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))
    return bytes((lead, trail))


codecs.register_error(ERRORS, _read_rows_of_vendors)
