"""What Memento clients are told: links, TimeMaps, times (RFC 7089); pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from crawler.doors.stamps import http_date, stamp
from storage.sql.lookup import Held

#: What stands behind the time of a memento: the page, the bytes, an image, a style.
RAW, IMAGE, STYLE = "id_", "im_", "cs_"


_PLAIN = "!#$%&'()*+,/:;=?@[]~|^`{}\\"


def plain(url: str) -> str:
    """Return a URL in ASCII, without what would end it in a header or in markup."""
    return quote(url, safe=_PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The addresses of the doors, for one original URL.

    Attributes:
        base: Of the service, with its last slash.
        url: The original.
    """

    base: str
    url: str

    @property
    def timegate(self) -> str:
        """Where the memento nearest to a time is asked for."""
        return f"{self.base}timegate/{self.url}"

    def timemap(self, form: str) -> str:
        """Return where all mementos are listed, as `link` or `json`."""
        return f"{self.base}timemap/{form}/{self.url}"

    def memento(self, held: Held, what: str = "") -> str:
        """Return where a capture is shown."""
        return f"{self.base}web/{stamp(held.fetched_at)}{what}/{plain(held.url)}"


def gate_links(doors: Doors, first: Held, last: Held) -> str:
    """Return the Link header of a TimeGate (RFC 7089, section 4.1)."""
    return ", ".join((_original(doors), _map(doors), *_ends(doors, first, last)))


def memento_links(
    doors: Doors,
    shown: Held,
    *,
    first: Held,
    last: Held,
    beside: tuple[Held | None, Held | None],
) -> str:
    """Return the Link header of a memento: of it, its first, last and neighbours."""
    named: dict[str, tuple[Held, list[str]]] = {}
    roles = (
        ("first", first),
        ("prev", beside[0]),
        ("", shown),
        ("next", beside[1]),
        ("last", last),
    )
    for role, held in roles:
        if held is not None:
            uri = doors.memento(held)
            named.setdefault(uri, (held, []))[1].append(role)
    mementos = (
        _memento(doors, held, " ".join((*filter(None, roles), "memento")))
        for held, roles in named.values()
    )
    gate = f'<{doors.timegate}>; rel="timegate"'
    return ", ".join((_original(doors), gate, _map(doors), *mementos))


def timemap_lines(doors: Doors, captures: Iterable[Held]) -> Iterator[str]:
    """Yield a TimeMap as application/link-format (RFC 7089, section 5)."""
    yield f"{_original(doors)},\n"
    yield f'<{doors.timegate}>; rel="timegate",\n'
    yield (f'<{doors.timemap("link")}>; rel="self"; type="application/link-format"')
    for role, held in _with_roles(captures):
        yield f",\n{_memento(doors, held, role)}"
    yield "\n"


def timemap_object(doors: Doors, captures: Iterable[Held]) -> dict[str, object]:
    """Return a TimeMap as JSON has it (as MemGator and the Wayback Machine write it)."""
    mementos = [
        {"datetime": http_date(held.fetched_at), "uri": doors.memento(held)}
        for held in captures
    ]
    return {
        "original_uri": doors.url,
        "timegate_uri": doors.timegate,
        "timemap_uri": {
            "link_format": doors.timemap("link"),
            "json_format": doors.timemap("json"),
        },
        "mementos": {
            "first": mementos[0],
            "last": mementos[-1],
            "list": mementos,
        },
    }


def _with_roles(captures: Iterable[Held]) -> Iterator[tuple[str, Held]]:
    role, held = "first memento", None
    for following in captures:
        if held is not None:
            yield role, held
            role = "memento"
        held = following
    if held is not None:
        yield ("first last memento" if role != "memento" else "last memento"), held


def _original(doors: Doors) -> str:
    return f'<{doors.url}>; rel="original"'


def _map(doors: Doors) -> str:
    return f'<{doors.timemap("link")}>; rel="timemap"; type="application/link-format"'


def _ends(doors: Doors, first: Held, last: Held) -> tuple[str, ...]:
    if doors.memento(first) == doors.memento(last):
        return (_memento(doors, first, "first last memento"),)
    return (
        _memento(doors, first, "first memento"),
        _memento(doors, last, "last memento"),
    )


def _memento(doors: Doors, held: Held, role: str) -> str:
    at = http_date(held.fetched_at)
    return f'<{doors.memento(held)}>; rel="{role}"; datetime="{at}"'
