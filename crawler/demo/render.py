"""Templates -> pages, with the dates and digits of each language."""

from datetime import datetime
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawler.demo.material import months

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_DATES = {
    "ar": "{day} {month} {year}، {time}",
    "de": "{day}. {month} {year}",
    "en": "{month} {day}, {year}",
    "es": "{day} de {month} de {year}, {time} h",
    "fr": "{day} {month} {year} à {time}",
    "ja": "{year}年{month}{day}日 {time}",
}


def render(template: str, **values: object) -> str:
    """Fill a template of `crawler/demo/templates`."""
    return _templates().get_template(template).render(**values)


def written_date(at: datetime, language: str) -> str:
    """Return a date as a page of that language shows it."""
    shown = _DATES[language].format(
        day=at.day,
        month=months(language)[at.month - 1],
        year=at.year,
        time=f"{at:%H:%M}",
    )
    return shown.translate(_ARABIC_DIGITS) if language == "ar" else shown


def arabic_digits(number: int) -> str:
    """Return a number in Arabic-Indic digits."""
    return str(number).translate(_ARABIC_DIGITS)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("crawler.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["written_date"] = written_date
    made.filters["arabic_digits"] = arabic_digits
    made.filters["rfc822"] = format_datetime
    made.filters["iso"] = datetime.isoformat
    return made
