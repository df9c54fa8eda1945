"""The synthetic year, cut short: what is loud is found, what is usual is not."""

from tests.bench.health_year import run


def test_loud_faults_and_outages_are_found() -> None:
    year = run(count=12, days=80, seed=4, share=1.0)

    found = sum(len(delays) for delays in year.delays.values())
    assert found >= 9
    assert year.outages_missed <= 1
    assert len(year.false) <= 2
