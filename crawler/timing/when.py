"""Every decision about time, as values in and a value out.

Nothing here reads a clock: `now` comes in, and so does `jitter`, a number in
0..1 that the caller draws, so that ten thousand sources do not fall due together.
"""

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.config.plan import Plan
from crawler.fetch.robots import is_failure
from storage.model.exchange import Exchange

FLOOR = timedelta(minutes=10)
CEILING = timedelta(days=7)
#: A GET without validators at least this often: some servers lie about them.
FULL_GET_EVERY = timedelta(hours=24)
#: Validators that lied are tried again after this.
VALIDATORS_RETRIED = timedelta(days=30)
ROBOTS_TTL = timedelta(hours=24)
#: How soon robots.txt is asked for again after an error (RFC 9309, 2.3.1.4).
ROBOTS_RETRY = timedelta(hours=1)
RETRY_AFTER_CAP = timedelta(hours=24)
#: A host that does not say for how long is left alone no longer than this: what its
#: feeds drop until it is asked again is lost.
HOST_REST_CAP = timedelta(hours=4)
#: A host that is left alone for so long is told of: news may be missed by it.
LONG_REST = timedelta(hours=1)
FRESH_CAP = timedelta(hours=24)
#: The back-off score at which a link counts as dead; it is still tried weekly.
DEAD_AT = 30.0
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d+)")
_FIRST_RETRY = timedelta(minutes=1)
#: Age of an article -> pause between looks, in units of `Plan.revisit`.
_LADDER = (
    (timedelta(hours=3), 1),
    (timedelta(days=1), 4),
    (timedelta(days=7), 12),
    (timedelta(days=30), 288),
    (timedelta(days=365), 2880),
)


def rung(age: timedelta, plan: Plan) -> timedelta:
    """Return the least pause between two looks at an article of this age.

    The ladder in units of the plan's `revisit` (15 minutes unless set): 1 up to
    3 hours of age, 4 to a day, 12 to a week, 288 to a month.
    """
    units = next((n for limit, n in _LADDER if age < limit), _LADDER[-1][1])
    return plan.revisit * units


def retry_at(
    failures: float, *, now: datetime, jitter: float, at_least: timedelta | None = None
) -> datetime:
    """Return when something that failed is tried again; it never gives up.

    The wait doubles from one minute with the back-off score, is a week at most,
    and never undercuts the server's own Retry-After (RFC 9110, section 10.2.3).
    """
    if failures >= DEAD_AT:
        return now + CEILING
    wait = min(_FIRST_RETRY * 2 ** min(failures, 20.0), timedelta(days=1))
    return now + max(wait * (0.8 + 0.4 * jitter), at_least or timedelta(0))


def rest(
    plan_delay: timedelta,
    *,
    crawl_delay: timedelta | None,
    crawl_delay_cap: timedelta,
    response_ms: float | None,
    response_factor: float,
) -> timedelta:
    """Return the pause owed to a host between two requests.

    The longest of: the configured delay, robots.txt's Crawl-delay up to its cap,
    and so many times the host's smoothed response time: what is slow is busy.
    """
    asked = min(crawl_delay or timedelta(0), crawl_delay_cap)
    slow = timedelta(milliseconds=(response_ms or 0) * response_factor)
    return max(plan_delay, asked, slow)


def smooth(before_ms: float | None, now_ms: float) -> float:
    """Return the exponentially smoothed response time, newest weighing 0.3."""
    return now_ms if before_ms is None else 0.7 * before_ms + 0.3 * now_ms


def host_rest(failures: int, *, asked: timedelta | None, jitter: float) -> timedelta:
    """Return how long a host that answered 429 or 503, or not at all, is left alone.

    A minute that doubles with each such visit, up to four hours; never less than the
    server's own Retry-After.

    Args:
        failures: Visits before this one that ended so, in a row.
        asked: The server's Retry-After, if it gave one.
        jitter: A number in 0..1; spreads the doubled minute by a fifth either way.
    """
    minutes: int = 2 ** min(failures, 11)
    doubled = min(_FIRST_RETRY * minutes, HOST_REST_CAP)
    return max(asked or timedelta(0), doubled * (0.8 + 0.4 * jitter))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or an HTTP date, clamped to 0..24 h."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:9]), 10**6)), RETRY_AFTER_CAP)
    moment = _http_date(text)
    if moment is None:
        return None
    return min(max(moment - now, timedelta(0)), RETRY_AFTER_CAP)


def fresh_for(answer: Exchange) -> timedelta:
    """Return for how long an answer says it stays the same (RFC 9111, 4.2.1).

    `max-age` less the Age it has already, else Expires less Date; a day at most,
    for some say a year of everything.
    """
    control = (answer.header("cache-control") or "").lower()
    if "no-cache" in control or "no-store" in control:
        return timedelta(0)
    if stated := _MAX_AGE.search(control):
        age = answer.header("age") or ""
        spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
        fresh = timedelta(seconds=int(stated[1][:9]) - spent)
    else:
        expires, date = (_http_date(answer.header(n)) for n in ("expires", "date"))
        fresh = expires - date if expires and date else timedelta(0)
    return min(max(fresh, timedelta(0)), FRESH_CAP)


def reusable_for(answer: Exchange) -> timedelta:
    """Return for how long an answer may be used again by whoever asked for it.

    As `fresh_for`; where nothing is said, a tenth of its age since Last-Modified (RFC
    9111, 4.2.2). What depends on more than the request, `Vary: *`, never may.
    """
    if (answer.header("vary") or "").strip() == "*":
        return timedelta(0)
    stated = ("cache-control", "expires", "pragma")
    if any(answer.header(name) is not None for name in stated):
        return fresh_for(answer)
    changed, date = (_http_date(answer.header(n)) for n in ("last-modified", "date"))
    age = date - changed if changed and date else timedelta(0)
    return min(max(age / 10, timedelta(0)), FRESH_CAP)


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def wants_full_get(
    full_at: datetime | None, now: datetime, *, lied_at: datetime | None = None
) -> bool:
    """Tell whether validators are left out of this request.

    They are once a day, and always for a month after they were found to lie.
    """
    is_distrusted = lied_at is not None and now - lied_at < VALIDATORS_RETRIED
    return is_distrusted or full_at is None or now - full_at >= FULL_GET_EVERY


def robots_expired(status: int | None, read_at: datetime | None, now: datetime) -> bool:
    """Tell whether robots.txt must be asked for again (RFC 9309, section 2.4)."""
    if read_at is None:
        return True
    return now - read_at >= (ROBOTS_RETRY if is_failure(status) else ROBOTS_TTL)
