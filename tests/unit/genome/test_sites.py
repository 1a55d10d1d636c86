"""Which sites a record touches."""

import numpy as np
import pytest

from epione.medicine.genome import Site, Sites
from epione.medicine.genome.sites import NEAR

BASE = Site("chr1", 100, "C")
STRETCH = Site("chr1", 200, "CAT")
REPEAT = Site("chr1", 300, "CA", reach=4)
SITES = Sites([BASE, STRETCH, REPEAT, Site("chr2", 100, "G")])


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [
        pytest.param(100, 100, [BASE], id="the base itself"),
        pytest.param(99, 99, [], id="the base before"),
        pytest.param(90, 110, [BASE], id="a block around it"),
        pytest.param(202, 202, [STRETCH], id="the last base of a stretch"),
        pytest.param(203, 210, [], id="right behind a stretch"),
        pytest.param(305, 305, [REPEAT], id="within reach of a repeat"),
        pytest.param(306, 306, [], id="beyond its reach"),
        pytest.param(50, 400, [BASE, STRETCH, REPEAT], id="all of them"),
    ],
)
def test_a_stretch_touches_the_sites_it_shares_a_base_with(
    first: int, last: int, touched: list[Site]
) -> None:
    assert SITES.touched("chr1", first, last) == touched
    assert SITES.may_touch("chr1", np.array([first]), np.array([last])) == [bool(touched)]


def test_another_chromosome_is_never_touched() -> None:
    assert SITES.may_touch("chr3", np.array([1]), np.array([1000])) == [False]


def test_sites_near_each_other_lie_in_one_region() -> None:
    near, far = Site("chr1", 300 + NEAR, "A"), Site("chr1", 302 + 2 * NEAR, "A", reach=9)

    regions = Sites([BASE, STRETCH, REPEAT, near, far]).regions("chr1")

    assert regions == [(100, near.end), (far.position, far.end + 9)]
    assert SITES.regions("chr3") == ()


def test_a_stretch_that_another_holds_ends_no_region_early() -> None:
    long, within = Site("chr1", 100, "C" * 50), Site("chr1", 110, "C")

    assert Sites([long, within]).regions("chr1") == [(100, 149)]
