import gc

from crawler.garbage import loading


def test_what_is_loaded_is_not_looked_through() -> None:
    before = gc.get_freeze_count()

    with loading():
        assert not gc.isenabled()
        _loaded = [[] for _ in range(1000)]

    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + 1000
