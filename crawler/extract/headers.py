"""What response headers say of who answers: a wall, or robots that are sent away. Pure."""

from collections.abc import Callable

#: Returns the first value of a header, or None; names ignore case.
Header = Callable[[str], str | None]

_CHALLENGES = {
    "cf-mitigated": None,
    "x-amzn-waf-action": ("challenge", "captcha"),
}


def challenge(header: Header) -> str | None:
    """Return the header that says that a challenge was served instead of a page."""
    for name, values in _CHALLENGES.items():
        value = header(name)
        if value is not None and (values is None or value.lower() in values):
            return f"{name}: {value[:40]}"
    return None


def refusal(header: Header) -> str | None:
    """Return the header that says why an answer was refused: a challenge, or a login.

    Of a login only its scheme (RFC 9110, section 11.6.1); the rest is the server's.
    """
    scheme = (header("www-authenticate") or "").split(" ")[0]
    return challenge(header) or (f"www-authenticate: {scheme[:40]}" if scheme else None)


def sends_robots_away(header: Header) -> bool:
    """Tell whether X-Robots-Tag asks all robots not to index; one named bot is not all."""
    rules = (header("x-robots-tag") or "").lower().split(",")
    return not {"noindex", "none"}.isdisjoint(rule.strip() for rule in rules)
