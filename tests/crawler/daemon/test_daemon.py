"""What the service says of its files when it starts."""

from pathlib import Path

from structlog.testing import capture_logs

from crawler.daemon.daemon import tell_recovery
from storage.recovery import Recovered, Short

FILE = "kliping-1.warc.gz"


def test_a_file_that_lost_what_was_acknowledged_is_named() -> None:
    short = Short(segment=FILE, size=10, committed=20)

    with capture_logs() as logs:
        tell_recovery(Recovered(short=(short,), missing=("kliping-2.warc.gz",)))

    (told,) = logs
    assert (told["log_level"], told["short"]) == ("warning", [FILE])
    assert told["missing"] == ["kliping-2.warc.gz"]


def test_an_end_that_was_made_good_is_no_loss() -> None:
    tail = Path("quarantine") / f"{FILE}.tail-20"

    with capture_logs() as logs:
        tell_recovery(Recovered(cut_bytes=7, sealed=(FILE,), quarantined=(tail,)))

    assert [told["event"] for told in logs] == ["recovered from an unclean end"]


def test_a_clean_end_is_not_told() -> None:
    with capture_logs() as logs:
        tell_recovery(Recovered())

    assert logs == []
