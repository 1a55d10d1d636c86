"""What the network may know at each token, and what it begins as."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import DEATH, FEMALE, MALE, VOCABULARY, A, B, C, life, world

from epione.timeline.risk_within import NO_RATE
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.batches import Batch, Reading, batch_of
from epione_training.lives.lifts import N_BINS, SEXES, bin_of
from epione_training.lives.network import LEAST_LEAD, SIZES, Network, Shape

SMALL = Shape(layers=2, width=16, heads=2, dropout=0.0)
LIFE = life((0, FEMALE), (9_000, A), (9_500, B), (20_000, DEATH))


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return baseline_of(world(400))


@pytest.fixture
def network(baseline: Baseline) -> Network:
    """One that says something: a head of zeros would hide what it reads."""
    torch.manual_seed(1)
    network = Network(VOCABULARY, baseline, SMALL)
    assert network.reader is not None
    torch.nn.init.normal_(network.reader.head.weight)
    return network.eval()


def test_a_pair_counts_once_both_were_had_in_either_order(baseline: Baseline) -> None:
    lift = np.eye(len(baseline.lifted), dtype=np.float32)[[baseline.lifted.tolist().index(C)]]
    told = replace(baseline, pairs=np.array([[A, B]]), pair_lift=lift)
    plain, paired = (Network(VOCABULARY, each, None) for each in (baseline, told))
    tokens, ages = (
        torch.tensor([[FEMALE, A, B, B], [FEMALE, B, A, 1]]),
        torch.arange(4.0).expand(2, 4),
    )

    added = paired.parts(tokens, ages).lift - plain.parts(tokens, ages).lift

    assert added[..., C].tolist() == pytest.approx(np.array([[0, 0, 1, 1]] * 2))
    assert (added[..., B] == 0).all()


def test_what_leads_to_what_are_the_lifts_of_what_is_foreseen(baseline: Baseline) -> None:
    """Not of a code upon itself, nor of what nothing foresees, nor of what is hardly any."""
    lifted = np.array([FEMALE, A, B, DEATH])
    lift = np.array(
        [
            [0, 1, 1, 1],
            [1, 1, 2, LEAST_LEAD * 1.9],
            [1, -2, 1, LEAST_LEAD * 2.1],
            [1, 0, 0, 1],
        ],
        np.float32,
    )
    mean = np.zeros((2, SEXES, N_BINS, 4), np.float32)
    told = replace(baseline, lifted=lifted, lift=lift, mean_lift=mean, scale=0.5)

    leads = Network(VOCABULARY, replace(told, pair_lift=np.zeros((0, 4), np.float32)), None).leads()

    found = zip(leads.before, leads.after, leads.log_lift, strict=True)
    assert [*found] == [
        (B, A, pytest.approx(-1)),
        (A, B, pytest.approx(1)),
        (B, DEATH, pytest.approx(LEAST_LEAD * 1.05)),
    ]


def test_of_many_lifts_those_to_death_and_the_strongest_are_told(
    baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(VOCABULARY, baseline, None)
    monkeypatch.setattr("epione_training.lives.network.LEAST_LEAD", 1e-6)
    whole = network.leads()
    monkeypatch.setattr("epione_training.lives.network.MOST_LEADS", 3)

    few = network.leads()

    assert len(whole.log_lift) > 3
    to_death = few.after == DEATH
    assert set(few.log_lift[to_death]) == set(whole.log_lift[whole.after == DEATH])
    strength = np.sort(np.abs(whole.log_lift[whole.after != DEATH]))[::-1]
    kept = np.sort(np.abs(few.log_lift[~to_death]))[::-1]
    assert len(few.log_lift) == 3
    assert kept.tolist() == strength[: len(kept)].tolist()


def test_it_begins_as_what_was_counted(baseline: Baseline) -> None:
    batch = batch_of([LIFE], Reading())

    begun = Network(VOCABULARY, baseline, SMALL).eval()(*batch)

    assert torch.equal(begun, Network(VOCABULARY, baseline, None)(*batch))


def test_counted_rates_are_those_of_sex_age_and_what_was_had(baseline: Baseline) -> None:
    batch = Batch(torch.tensor([[FEMALE, A]]), torch.tensor([[0.0, 9_000.0]]))

    rates = Network(VOCABULARY, baseline, None)(*batch)[0, 1]

    bin_ = bin_of(np.array([9_000.0]))[0]
    place = baseline.lifted.tolist().index
    lift = baseline.lift[place(A), place(B)]
    expected = baseline.age_sex[0, bin_, B] + lift - baseline.mean_lift[0, 0, bin_, place(B)]
    assert rates[B].item() == pytest.approx(expected, rel=1e-4)


def test_the_parts_add_up(network: Network) -> None:
    batch = batch_of([LIFE], Reading())
    possible = network.possible(batch.tokens)

    whole, parts = network(*batch), network.parts(*batch)

    assert torch.allclose(whole[possible], parts.log_rates[possible])


def test_what_comes_later_changes_nothing_before(network: Network) -> None:
    one = batch_of([LIFE], Reading())
    tokens, ages = one.tokens.clone(), one.ages_days.clone()
    tokens[0, -1], ages[0, -1] = B, 30_000.0

    assert torch.equal(network(*one)[0, :-1], network(tokens, ages)[0, :-1])


def test_padding_changes_nothing(network: Network) -> None:
    alone = batch_of([LIFE], Reading())
    longer = life(*((day, A) for day in range(0, 30_000, 1_000)))
    beside = batch_of([LIFE, longer], Reading())
    n = alone.tokens.shape[1]

    assert torch.allclose(network(*alone)[0], network(*beside)[0, :n], atol=1e-5)


def test_what_happens_once_does_not_happen_again(network: Network) -> None:
    tokens = torch.tensor([[FEMALE, A, B]])

    rates = network(tokens, torch.tensor([[0.0, 9_000.0, 9_500.0]]))[0]

    assert (rates[:, A] == NO_RATE).tolist() == [False, True, True]
    assert (rates[:, FEMALE] == NO_RATE).all()


@pytest.mark.parametrize(
    ("tokens", "row"),
    [
        pytest.param([FEMALE, A], 0, id="female"),
        pytest.param([MALE, A], 1, id="male"),
        pytest.param([A, B], 2, id="not said"),
    ],
)
def test_the_sex_is_read_off_the_life(network: Network, tokens: list[int], row: int) -> None:
    assert network.sex_of(torch.tensor([tokens])).tolist() == [row]


@pytest.mark.parametrize("size", ["0.5M", "2M", "8M"])
def test_a_size_is_about_what_it_says(baseline: Baseline, size: str) -> None:
    reader = Network(VOCABULARY, baseline, SIZES[size]).reader
    assert reader is not None

    weights = sum(weight.numel() for weight in reader.blocks.parameters())

    assert weights == pytest.approx(float(size[:-1]) * 1e6, rel=0.25)
