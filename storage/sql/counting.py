"""Sums that are whole numbers on every database."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func


def total(column: Any) -> ColumnElement[int]:  # noqa: ANN401 - any column of numbers
    """Return the sum of a column of whole numbers; 0 of nothing.

    PostgreSQL adds bigint up to numeric, which comes back as a Decimal.
    """
    return cast(func.coalesce(func.sum(column), 0), BigInteger)
