"""What schemathesis is told beside the description."""

import os
from typing import Any

import schemathesis

_KEY = "idempotency-key"


@schemathesis.hook
def before_call(_context: object, case: Any, _kwargs: object) -> None:  # noqa: ANN401
    """Send no idempotency key, and let no fetch wait.

    Two requests with one key are refused, as they should; waiting takes time alone.
    Where the description names no token one is sent all the same: methods that are not
    there are refused without one before they are looked for.
    """
    for name in [name for name in case.headers or {} if name.lower() == _KEY]:
        del case.headers[name]
    if not case.operation.definition.raw.get("security"):
        case.headers["Authorization"] = f"Bearer {os.environ['KLIPING_TOKEN']}"
    if case.path == "/v1/fetch" and isinstance(case.body, dict):
        wait = case.body.get("wait", 10)
        if isinstance(wait, int | float) and 0 < wait <= 60:
            case.body = {**case.body, "wait": 0.1}
