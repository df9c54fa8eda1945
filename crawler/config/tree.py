"""The settings tree of config.yaml.

Every value has a default that is safe on a stranger's machine. What is read here
is checked completely before anything runs: file.py lists all problems at
once, with file and line.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta, tzinfo
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from crawler.config.hours import Hours, TimeZone
from crawler.errors import BadUrl
from crawler.extract.selectors import is_selector
from crawler.patterns import (
    DATABASE,
    ENDPOINT,
    EVENT_TYPE,
    HOST,
    LANGUAGE,
    MAIL_ADDRESS,
    MAIL_SERVER,
    NAME,
    ONE_LINE,
    PRODUCT,
    STORE,
)
from crawler.units import Duration, Size
from crawler.urls import fetch_url

#: Least delay between two requests to a host while nobody can be reached.
DELAY_WITHOUT_CONTACT = timedelta(seconds=10)


def _web_address(value: str) -> str:
    try:
        return fetch_url(value)
    except BadUrl as error:
        raise ValueError(error.why) from error


def _web_address_or_none(value: str) -> str:
    return _web_address(value) if value else value


WebAddress = Annotated[str, AfterValidator(_web_address)]


def _selector(value: str) -> str:
    if not is_selector(value):
        raise ValueError(f"not a CSS selector: {value!r}")
    return value


Selector = Annotated[str, AfterValidator(_selector)]


def _address(value: str) -> str:
    try:
        ip_address("127.0.0.1" if value == "localhost" else value)
    except ValueError as error:
        raise ValueError("no IP address of this machine, nor localhost") from error
    return value


def is_loopback(address: str) -> bool:
    """Tell whether an address is this machine's alone."""
    return address == "localhost" or ip_address(address).is_loopback


class Part(BaseModel):
    """A part of the settings: it never changes, and takes no key that it does not know."""

    # Rust's regular expressions take half of the time that all of this takes to load.
    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")


HostName = Annotated[str, Field(pattern=HOST)]
Render = Literal["never", "auto", "always"]
Assets = Literal["none", "page"]


def _a_day_at_least(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("write a day at least, such as 90d")
    return value


#: How long what nothing was made of is kept; a slip must not empty an archive.
Retention = Annotated[Duration, AfterValidator(_a_day_at_least)]


class Identity(Part):
    """Who we say we are in the User-Agent and in every WARC file."""

    name: str = Field(default="Kliping", pattern=PRODUCT)
    contact: str = Field(default="", pattern=ONE_LINE)
    info_url: Annotated[str, AfterValidator(_web_address_or_none)] = ""

    def user_agent(self, version: str) -> str:
        """Return the product token with version, info page and contact."""
        known = "; ".join(x for x in (self.info_url, self.contact) if x)
        return f"{self.name}/{version}" + (f" (+{known})" if known else "")


class Storage(Part):
    """Where everything is kept."""

    folder: Path = Path("kliping-data")
    database: str = Field(default="", pattern=DATABASE)
    segment_size: Size = 512 * 1024**2
    segment_age: Duration = timedelta(hours=24)
    disk_floor: Size = 1024**3
    keep_events: Retention = timedelta(days=30)
    objects: str = Field(default="", pattern=STORE)
    objects_endpoint: Annotated[str, Field(pattern=ENDPOINT)] | None = None
    objects_allow_http: bool = False
    keep_local: Duration | None = None

    @model_validator(mode="after")
    def _quotes_who_logs_in(self) -> Self:
        """Refuse what libpq would read otherwise, and name in errors: half a password."""
        place = self.database.partition("://")[2].partition("?")[0]
        known, found, host = place.partition("@")
        is_server = not self.database.startswith("sqlite")
        if is_server and found and ("/" in known or "@" in host):
            raise ValueError(
                "in the name and password of database write @ as %40, / as %2F"
            )
        return self

    @model_validator(mode="after")
    def _speaks_tls(self) -> Self:
        is_plain = (self.objects_endpoint or "").startswith("http://")
        if is_plain and not self.objects_allow_http:
            raise ValueError(
                "objects_endpoint is without TLS: set objects_allow_http to allow it"
            )
        if self.objects_endpoint and not self.objects.startswith(("s3:", "az:")):
            raise ValueError("objects_endpoint is of s3: and az: alone")
        if self.keep_local is not None and not self.objects:
            raise ValueError("keep_local needs objects: nothing is kept elsewhere")
        return self


class Rules(Part):
    """What this site's operator knows better: CSS selectors, lines to drop."""

    body: Selector | None = None
    title: Selector | None = None
    authors: Selector | None = None
    published: Selector | None = None
    remove: tuple[Selector, ...] = ()
    drop_lines: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        return self

    def hold_on(self, day: date) -> bool:
        """Tell whether the rules are valid on a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


def _as_sets(value: object) -> object:
    """Return a lone set of rules as a list of one."""
    return (value,) if isinstance(value, Mapping | Rules) else value


def _parted(sets: tuple[Rules, ...]) -> tuple[Rules, ...]:
    """Refuse two sets of rules that hold on one day."""
    for (n, one), (m, other) in combinations(enumerate(sets, 1), 2):
        first_day = max(one.valid_from or date.min, other.valid_from or date.min)
        if one.hold_on(first_day) and other.hold_on(first_day):
            last_day = min(one.valid_until or date.max, other.valid_until or date.max)
            until = "always" if last_day == date.max else f"until {last_day}"
            when = until if first_day == date.min else f"on {first_day}"
            raise ValueError(
                f"sets {n} and {m} of rules overlap: both hold {when}; "
                "part them with valid_from and valid_until"
            )
    return sets


RuleSets = Annotated[
    tuple[Rules, ...],
    BeforeValidator(_as_sets, json_schema_input_type=tuple[Rules, ...] | Rules),
    AfterValidator(_parted),
]


class Manners(Part):
    """How a source is treated; a source overrides its group, a group the defaults.

    Attributes:
        delay: Least time between two requests to one host.
        response_factor: The pause is at least so many times what the host takes
            to answer.
        poll: How often a feed, sitemap or section is read before its own rate
            is known.
        max_age: Articles stated to be older than this when first seen are noted,
            not fetched.
        revisit: How soon a fresh article is looked at again at the soonest; later
            looks stretch in proportion (see when.rung).
        revisit_until: How long an article is looked at again for changes.
        revisit_share: The part of all the source's requests that may be such looks.
        daily_links: Most new article links taken from this source in a day.
        timezone: Where its newsroom keeps its hours (IANA name, `Asia/Jakarta`).
        active: The hours there in which it may be asked; without any, always.
        language: What the text is expected to be in (ISO 639-1).
        rules: Sets of site rules for extraction; on any day at most one holds.
        render: Whether a browser shows article pages before they are read: `auto`
            where a page has scripts and next to no text, `always`, or `never`.
        assets: Whether the images and styles of its articles' pages are kept: `page`
            or `none`.
        http2: Whether HTTP/2 is offered; what comes by it is kept without its frames.
        keep_lists: How long captures of its feeds, sitemaps and sections are kept.
        keep_looks: How long captures of its articles are kept that no version was
            read from.
    """

    delay: Duration | None = None
    response_factor: float | None = Field(default=None, ge=0, le=100, strict=True)
    poll: Duration | None = None
    max_age: Duration | None = None
    revisit: Duration | None = None
    revisit_until: Duration | None = None
    revisit_share: float | None = Field(default=None, ge=0, le=0.95, strict=True)
    daily_links: int | None = Field(default=None, ge=1, strict=True)
    timezone: TimeZone | None = None
    active: Hours | None = None
    language: str | None = Field(default=None, pattern=LANGUAGE)
    rules: RuleSets | None = None
    render: Render | None = None
    assets: Assets | None = None
    http2: Annotated[bool, Field(strict=True)] | None = None
    keep_lists: Retention | None = None
    keep_looks: Retention | None = None


class Defaults(Manners):
    """What holds where neither source nor group says otherwise."""

    delay: Duration = timedelta(seconds=2)
    response_factor: float = Field(default=2.0, ge=0, le=100)
    poll: Duration = timedelta(minutes=30)
    max_age: Duration = timedelta(days=30)
    revisit: Duration = timedelta(minutes=15)
    revisit_until: Duration = timedelta(days=30)
    revisit_share: float = Field(default=0.5, ge=0, le=0.95)
    daily_links: int = Field(default=2000, ge=1)
    render: Render = "never"
    assets: Assets = "none"
    http2: bool = False
    timezone: TimeZone = "UTC"


class Source(Manners):
    """One site to watch."""

    name: str = Field(pattern=NAME)
    home: WebAddress
    feeds: tuple[WebAddress, ...] = ()
    sitemaps: tuple[WebAddress, ...] = ()
    sections: tuple[WebAddress, ...] = ()
    group: str | None = None
    state: Literal["active", "paused"] = "active"


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError as error:
        raise ValueError(f"write a network such as 10.0.0.0/8: {error}") from error


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Policy(Part):
    """What may be asked of whom.

    Attributes:
        robots: `obey` robots.txt (RFC 9309), or `ignore` it where the operator
            has the sites' permission.
        allow_networks: Private networks that may be fetched from, on any port.
        deny_networks: Never fetched from, whatever else says so.
        ports: Ports that may be fetched from elsewhere.
        crawl_delay_cap: Longest Crawl-delay of robots.txt that is honoured.
    """

    robots: Literal["obey", "ignore"] = "obey"
    allow_networks: tuple[Network, ...] = ()
    deny_networks: tuple[Network, ...] = ()
    ports: frozenset[Annotated[int, Field(ge=1, le=65535)]] = frozenset(
        {80, 443, 8080, 8443}
    )
    crawl_delay_cap: Duration = timedelta(seconds=120)


class FetchLimits(Part):
    """What one fetch may cost; see docs/design.md, "Limits"."""

    connect: Duration = timedelta(seconds=10)
    first_byte: Duration = timedelta(seconds=20)
    total: Duration = timedelta(seconds=60)
    raw_size: Size = 10 * 1024**2
    decoded_size: Size = 20 * 1024**2
    redirects: int = Field(default=10, ge=0, le=30)


class Service(Part):
    """How the service runs.

    Attributes:
        address: Where it listens; elsewhere than on the loopback only once a token was
            given out.
        names: Hosts that it answers to beside that, as browsers and proxies name them.
        anonymous: What anybody may do who reaches a loopback address.
    """

    address: Annotated[str, AfterValidator(_address)] = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
    names: tuple[HostName, ...] = ()
    anonymous: Literal["none", "read"] = "none"
    visits: int = Field(default=16, ge=1, le=1000)
    extractors: int = Field(default=1, ge=1, le=64)
    visit_links: int = Field(default=20, ge=1, le=1000)
    job_space: Size = 5 * 1024**3
    browser: str = ""
    polls_per_day: int | None = Field(default=None, ge=1)
    log: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _is_closed(self) -> Self:
        if self.anonymous == "read" and not is_loopback(self.address):
            raise ValueError(
                "service.anonymous: anybody may read on a loopback address only"
            )
        return self


def _callback(value: str) -> str:
    address = _web_address(value)
    parts = urlsplit(address)
    if "?" in value or "#" in value:
        raise ValueError("a callback has no query and no fragment")
    if parts.scheme != "https" and parts.hostname not in {
        "127.0.0.1",
        "localhost",
        "::1",
    }:
        raise ValueError("a callback is https; http only on this machine, for trials")
    return address.rstrip("/")


MailAddress = Annotated[str, Field(pattern=MAIL_ADDRESS)]
#: What others are told of.
EVENT_TYPES = (
    *("article.new", "article.changed", "article.gone", "article.back"),
    *("source.degraded", "source.recovered"),
    *("service.outage", "service.back", "service.rebuilt"),
)


def _event_type(given: str) -> str:
    if not any(fnmatchcase(known, given) for known in EVENT_TYPES):
        raise ValueError(
            f"no events are of this type; there are {', '.join(EVENT_TYPES)}"
        )
    return given


#: A type of events, `*` for any characters in it; one that there is.
EventType = Annotated[str, Field(pattern=EVENT_TYPE), AfterValidator(_event_type)]


class Mail(Part):
    """By whom and to whom the digest is mailed, once a day.

    Attributes:
        to: Who gets it.
        sender: Whom it is from.
        host: The mail server.
        port: Its port; by `security` without.
        security: Whether TLS begins after a greeting, at once, or not at all.
        user: Who logs in there, if somebody does.
        password: With what.
        at: When, by the clock of `timezone`.
        timezone: Where that clock is (IANA name).
        always: Whether it is sent when there is nothing to say.
    """

    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=50)
    sender: MailAddress
    host: str = Field(pattern=MAIL_SERVER)
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = Field(default="", pattern=ONE_LINE)
    password: SecretStr = SecretStr("")
    at: time = time(7)
    timezone: TimeZone = "UTC"
    always: bool = False

    @model_validator(mode="after")
    def _hides_its_password(self) -> Self:
        local = {"localhost", "127.0.0.1", "::1"}
        if self.user and self.security == "none" and self.host not in local:
            raise ValueError(
                "alerts.mail.security: a password would be sent for all to read; "
                "use starttls or tls"
            )
        return self

    @property
    def zone(self) -> tzinfo:
        """Where the clock is."""
        return ZoneInfo(self.timezone)


class Alerts(Part):
    """Who is told of alerts.

    Attributes:
        per_week: Most alerts that are told in seven days.
        webhook: Where each is sent when it opens and closes; nowhere without one.
        secret: What signs them (Standard Webhooks): `whsec_` and base64, or any text.
        events: Types of events that are sent there, `*` for any characters.
        mail: How a digest of the day is mailed; not at all without.
    """

    per_week: int = Field(default=20, ge=0)
    webhook: WebAddress | None = None
    secret: SecretStr = SecretStr("")
    events: tuple[EventType, ...] = ("source.*", "service.*")
    mail: Mail | None = None

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.webhook is not None and not self.secret.get_secret_value():
            raise ValueError("alerts.secret: a webhook needs one, to sign what is sent")
        return self

    def sends(self, kind: str) -> bool:
        """Tell whether events of a type are sent to anybody."""
        is_meant = any(fnmatchcase(kind, pattern) for pattern in self.events)
        return self.webhook is not None and is_meant


class WebSub(Part):
    """Whether hubs tell of news of feeds (WebSub).

    Attributes:
        callback: The public URL under which hubs reach us; without one they do not.
    """

    callback: Annotated[str, AfterValidator(_callback)] | None = None


class Config(Part):
    """Everything config.yaml can say."""

    identity: Identity = Identity()
    storage: Storage = Storage()
    defaults: Defaults = Defaults()
    groups: dict[str, Manners] = Field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    policy: Policy = Policy()
    limits: FetchLimits = FetchLimits()
    service: Service = Service()
    websub: WebSub = WebSub()
    alerts: Alerts = Alerts()

    @model_validator(mode="after")
    def _sources_fit(self) -> Self:
        seen: set[str] = set()
        problems = []
        for index, source in enumerate(self.sources):
            if source.name.casefold() in seen:
                problems.append(f"sources.{index}.name: {source.name!r} stands twice")
            seen.add(source.name.casefold())
            if source.group is not None and source.group not in self.groups:
                problems.append(f"sources.{index}.group: no group {source.group!r}")
        if problems:
            raise ValueError("\n".join(problems))
        return self
