"""Settings key by key: as they are shown, how two differ, what a reload takes up. Pure.

A key is the path of a value, as in `defaults.delay`; a source goes by its name, as in
`sources.Courier.feeds`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from crawler.config.tree import Config, Source
from crawler.redaction import REDACTED, is_secret, redact
from crawler.units import write_duration

#: What a running service can take up: keys, and all that stands below them. The rest
#: is built into what runs: files, sockets, processes, the name we go by.
LIVE = (
    "alerts",
    "defaults",
    "groups",
    "policy",
    "service.polls_per_day",
    "service.visit_links",
    "sources",
)
#: Addresses that are secrets themselves: whoever knows one may write there.
_SECRET_ADDRESSES = frozenset({"alerts.webhook"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDifference:
    """One setting that is not as it was; secrets are never shown.

    Attributes:
        key: Which.
        old: As it is in force, None where it is not there.
        new: As it is read now.
        is_applied: Whether it counts without a restart.
    """

    key: str
    old: Any
    new: Any
    is_applied: bool


def is_live(key: str) -> bool:
    """Tell whether a running service can take a setting up."""
    return any(key == one or key.startswith(f"{one}.") for one in LIVE)


def shown(config: Config) -> dict[str, Any]:
    """Return all settings by key, as JSON values; those that are not set are left out."""
    return {key: _shown(key, value) for key, value in _flat(config)}


def masked(document: object, at: str = "") -> Any:  # noqa: ANN401  # JSON of any kind
    """Return settings as JSON with what is secret in them replaced.

    Args:
        document: All of them, or what stands below a key.
        at: That key.
    """
    match document:
        case dict():
            return {k: masked(v, _below(at, str(k))) for k, v in document.items()}
        case list():
            return [masked(one, at) for one in document]
        case str():
            return _shown(at, document)
        case _:
            return document


def differences(old: Config, new: Config) -> list[SettingDifference]:
    """Return the settings that differ, by key."""
    before, after = dict(_flat(old)), dict(_flat(new))
    return [
        SettingDifference(
            key=key,
            old=_shown(key, before.get(key)),
            new=_shown(key, after.get(key)),
            is_applied=is_live(key),
        )
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def taken_up(old: Config, new: Config) -> Config:
    """Return the settings after a reload: the new ones where they count at once."""
    service = {
        name: getattr(new.service, name)
        for name in type(new.service).model_fields
        if is_live(f"service.{name}")
    }
    sections = {name: getattr(new, name) for name in type(new).model_fields}
    changed = {name: value for name, value in sections.items() if is_live(name)}
    return old.model_copy(
        update={**changed, "service": old.service.model_copy(update=service)}
    )


def origin(key: str, given: Mapping[str, str]) -> str:
    """Return where a value came from: `file` or `environment`, or it is the `default`.

    Args:
        key: Of the value.
        given: Where each key that was given came from.
    """
    parts = key.split(".")
    above = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    below = (one for one in given if one.startswith(f"{key}."))
    return next((given[at] for at in (*above, *below) if at in given), "default")


def _flat(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Yield the values that are set, with their keys; a source's where it sets them."""
    match value:
        case BaseModel():
            own = value.model_fields_set if isinstance(value, Source) else None
            for name in type(value).model_fields:
                if own is None or name in own:
                    yield from _flat(getattr(value, name), _below(at, name))
        case dict():
            for name, inner in value.items():
                yield from _flat(inner, _below(at, name))
        case tuple() if at == "sources":
            for one in value:
                yield from _flat(one, _below(at, one.name))
        case None:
            return
        case _:
            yield at, value


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _shown(key: str, value: object) -> Any:  # noqa: ANN401  # JSON of any kind
    if isinstance(value, SecretStr):
        return REDACTED if value.get_secret_value() else ""
    if value and key in _SECRET_ADDRESSES:
        parts = urlsplit(str(value))
        return f"{parts.scheme}://{parts.hostname}/{REDACTED}"
    if value and is_secret(key.rpartition(".")[2]):
        return REDACTED
    return _plain(value)


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911  # as above
    match value:
        case timedelta():
            return write_duration(value)
        case str() | Path():
            return redact(str(value))
        case None | bool() | int() | float():
            return value
        case BaseModel():
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return {k: _shown(k, v) for k, v in fields.items() if v is not None}
        case frozenset():
            return sorted(map(_plain, value))
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return str(value)
