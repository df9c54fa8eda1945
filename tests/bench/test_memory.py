import pytest

from tests.bench.memory import slope_of


@pytest.mark.parametrize(("leak", "grows"), [(0.0, False), (4.0, True)])
def test_a_leak_is_told_from_a_noise_about_nothing(leak: float, grows: bool) -> None:
    noise = (0.0, 3.0, -2.0, 1.0, -3.0, 2.0, -1.0)
    samples = [
        (pages, 250 + leak * pages / 10_000 + noise[place % len(noise)])
        for place, pages in enumerate(range(0, 100_000, 200))
    ]

    (least, middle, most), blocks = slope_of(samples)

    assert (least > 0) == grows
    assert least <= leak <= most
    assert middle == pytest.approx(leak, abs=0.2)
    assert len(blocks) == 10


def test_what_is_taken_in_the_first_fifth_is_no_leak() -> None:
    samples = [(pages, min(pages / 100, 200.0)) for pages in range(0, 100_000, 200)]

    slope, _ = slope_of(samples)

    assert slope == [0, 0, 0]
