import pytest

from crawler.cli.exits import PagesRefused
from crawler.cli.serving import serving
from crawler.errors import UsageError


def test_a_port_that_cannot_be_had_names_where_it_is_set() -> None:
    with pytest.raises(PagesRefused, match="see --port"), serving("--port"):
        raise UsageError("see service.port") from OSError(98, "in use")


def test_any_other_fault_of_the_command_line_stays_one() -> None:
    with pytest.raises(UsageError, match="no such"), serving("--port"):
        raise UsageError("no such")
