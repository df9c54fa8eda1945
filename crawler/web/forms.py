"""Forms as pages send them."""

from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from crawler.faults import said_of

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 1000


async def read_form(request: Request) -> dict[str, str]:
    """Return a form's fields, the last where one stands twice.

    Raises:
        HTTPException: 415 for what is no form, 422 for what cannot be read.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise HTTPException(415, f"A form is sent as {_FORM}.")
    body = await request.body()
    try:
        return dict(
            parse_qsl(
                body.decode(),
                keep_blank_values=True,
                max_num_fields=_MOST_FIELDS,
                errors="strict",
            )
        )
    except ValueError as error:
        raise HTTPException(422, "This form cannot be read.") from error


def fault_of(error: Exception) -> str:
    """Return what is wrong with a form, in a sentence."""
    if isinstance(error, HTTPException):
        return str(error.detail)
    if isinstance(error, ValidationError):
        return said_of(error.errors()[0])
    return str(error)


def see(place: str) -> RedirectResponse:
    """Return the answer that sends a browser on after a form: 303."""
    return RedirectResponse(place, status_code=303)


def own_place(given: str) -> str:
    """Return where to go on, as a path of ours; the first page for any other.

    >>> own_place("/sources?x=1"), own_place("//attacker.example/")
    ('/sources?x=1', '/')
    """
    is_ours = given.startswith("/") and not given.startswith(("//", "/\\"))
    return given if is_ours and given.isprintable() else "/"
