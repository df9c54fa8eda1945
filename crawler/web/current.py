"""What holds for the request that is being answered."""

from contextvars import ContextVar

from crawler.web.keys import Caller

#: What the scripts and styles of this answer's page are marked with.
NONCE: ContextVar[str] = ContextVar("nonce", default="")
#: Who asks; None outside a request, and where anybody may ask.
CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
