"""A run: what it learns, that it can be gone on with, and that it ends."""

import json
import tracemalloc
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import (
    DEATH,
    FEMALE,
    NO_EVENT,
    VOCABULARY,
    A,
    B,
    C,
    cohort_of,
    life,
    world,
)

from epione.errors import MalformedCohort, Misconfigured
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives import baseline, genes
from epione_training.lives.baseline import baseline_of
from epione_training.lives.batches import Reading, batch_of, batches_of
from epione_training.lives.cohort import Cohort, Life
from epione_training.lives.configuration import CONFIG, configured
from epione_training.lives.learning import learn
from epione_training.lives.log import LOG, Progress
from epione_training.lives.network import Network, Shape
from epione_training.lives.store import load
from epione_training.lives.training import Schedule, Training, summed

SMALL = Shape(layers=1, width=16, heads=2)
LIVES = world(300)
BASELINE = baseline_of(LIVES.split(5)[0])
BATCHES = list(batches_of(LIVES, Reading()))


def training(
    into: Path, steps: int, cohort: Cohort = LIVES, rate: float = 1e-3, mixed: bool = False
) -> Training:
    learned, held = cohort.split(5)
    torch.manual_seed(0)
    network = Network(VOCABULARY, BASELINE, SMALL)
    schedule = Schedule(steps=steps, rate=rate, patience=99)
    return Training(network, learned, held, schedule, into, mixed=mixed)


def read_by(into: Path) -> Network:
    """Give a network whose transformer has learned to say something."""
    run = training(into, 20, rate=1e-2)
    run.run(lambda _: None)
    return run.network


def test_the_same_seed_gives_the_same_weights_interrupted_or_not(tmp_path: Path) -> None:
    whole, begun, resumed = (training(tmp_path, 40) for _ in range(3))
    whole.run(lambda _: None)
    (tmp_path / "checkpoint.pt").unlink()

    def told(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begun.run(told)
    resumed.go_on()
    resumed.run(lambda _: None)

    assert resumed.step == 40
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_transformer_learns_what_counting_is_kept_from_knowing(tmp_path: Path) -> None:
    """B comes within a year of A, and to nobody else; and no lift says so."""
    lives = [
        life((0, FEMALE), (5_000 + 40 * n, A), (5_200 + 40 * n, B), (30_000, NO_EVENT))
        for n in range(300)
    ]
    learned, held = cohort_of(lives).split(5)
    torch.manual_seed(0)
    network = Network(VOCABULARY, replace(baseline_of(learned), scale=0.0), SMALL)
    network.counted.requires_grad_(False)
    run = Training(network, learned, held, Schedule(steps=150, rate=1e-2), tmp_path)

    run.run(lambda _: None)

    asked = [life((0, FEMALE), (9_000, last)) for last in (A, NO_EVENT)]
    with_a, without = run.network(*batch_of(asked, Reading()))[:, -1, B].exp()
    assert with_a > 10 * without


@pytest.mark.parametrize("size", [8, 21], ids=["in whole steps", "the longest by itself"])
def test_death_is_not_expected_too_often_for_making_lives_short(tmp_path: Path, size: int) -> None:
    """Lives of like length are read together, and who dies early by chance has few events."""
    chance = np.random.default_rng(0)
    lives = cohort_of([short_by_chance(chance) for _ in range(400)])
    schedule = Schedule(steps=300, rate=3e-3, patience=99, reading=Reading(size=size))
    run = Training(Network(VOCABULARY, baseline_of(lives), None), lives, lives, schedule, tmp_path)

    run.run(lambda _: None)

    tokens, ages = batch_of([lives[n] for n in range(len(lives))], Reading())
    days = torch.diff(ages, dim=1, append=ages[:, -1:])
    expected = run.average(tokens, ages)[..., DEATH].exp() * days
    assert expected.sum().item() == pytest.approx(len(lives), rel=0.05)


def short_by_chance(chance: np.random.Generator) -> Life:
    """Draw a life in which C comes again and again, and death, whatever was before."""
    dies = chance.exponential(15_000)
    when = np.sort(chance.uniform(1, dies, chance.poisson(dies / 1_000)))
    return life((0, FEMALE), *((int(age), C) for age in when), (int(dies) + 1, DEATH))


def test_the_log_tells_every_validation(tmp_path: Path) -> None:
    run = training(tmp_path, 20)

    run.run(lambda _: None)

    lines = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert lines[-1]["step"] == 20
    assert lines[-1]["done"] == 1
    assert any(line["validated"] for line in lines)


def test_minutes_end_a_run(tmp_path: Path) -> None:
    learned, held = LIVES.split(5)
    network = Network(VOCABULARY, baseline_of(learned), SMALL)
    run = Training(network, learned, held, Schedule(minutes=0.02, patience=9_999), tmp_path)

    run.run(lambda _: None)

    assert 1.2 <= run.spent_s < 10


def test_a_run_that_diverges_says_so_and_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    training(tmp_path, 3).run(lambda _: None)
    kept = (tmp_path / "checkpoint.pt").read_bytes()
    run = training(tmp_path, 40)
    run.go_on()
    with torch.no_grad():
        next(run.network.parameters()).fill_(torch.nan)

    with pytest.raises(Misconfigured, match=r"diverged at step \d+: give it a lower rate"):
        run.run(lambda _: None)

    assert (tmp_path / "checkpoint.pt").read_bytes() == kept


def test_a_rate_that_is_far_too_high_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="a lower rate than 1e\\+30"):
        training(tmp_path, 40, rate=1e30).run(lambda _: None)

    assert not (tmp_path / "checkpoint.pt").exists()


def test_the_rate_warms_up_from_the_first_step_whatever_counting_took(tmp_path: Path) -> None:
    """Half of the minutes went by before; on going on, the warm-up is over where it was."""
    run = Training(
        Network(VOCABULARY, BASELINE, SMALL), *LIVES.split(5), Schedule(minutes=1), tmp_path, 30.0
    )
    rates = []
    for spent_s in (30.0, 30.3, 31.0):
        run.spent_s = spent_s
        run._learn(np.arange(8))
        rates.append(run.optimiser.param_groups[0]["lr"] / run.schedule.rate)

    assert rates == pytest.approx([0.005, 0.505, 0.998], abs=0.01)
    run.keep()
    again = Training(
        Network(VOCABULARY, BASELINE, SMALL), *LIVES.split(5), Schedule(minutes=1), tmp_path, 9.0
    )
    again.go_on()
    again._learn(np.arange(8))
    assert again.optimiser.param_groups[0]["lr"] / 1e-3 == pytest.approx(rates[-1], abs=1e-6)


def test_a_run_ends_where_nothing_is_gained(tmp_path: Path) -> None:
    learned, held = LIVES.split(5)
    network = Network(VOCABULARY, baseline_of(learned), SMALL)
    run = Training(network, learned, held, Schedule(steps=10_000, rate=0.0, patience=2), tmp_path)

    run.run(lambda _: None)

    assert run.step < 100


def test_in_bfloat16_the_loss_is_within_a_hundredth_of_a_nat(tmp_path: Path) -> None:
    """Its eight bits hold two to three digits; the sums over codes and days are in float32."""
    network = read_by(tmp_path)
    exact = summed(network, BATCHES)

    network.mixed = True
    mixed = summed(network, BATCHES)

    off = float((mixed.likelihood - exact.likelihood) / exact.n_events)
    assert 0 < abs(off) < 0.01


def test_what_is_counted_and_every_rate_stay_in_float32(tmp_path: Path) -> None:
    network = read_by(tmp_path)
    exact = network.parts(*BATCHES[0])

    network.mixed = True
    mixed = network.parts(*BATCHES[0])

    assert torch.equal(mixed.age_sex, exact.age_sex)
    assert torch.equal(mixed.lift, exact.lift)
    assert not torch.equal(mixed.transformer, exact.transformer)
    assert {part.dtype for part in mixed} == {torch.float32}


def test_a_run_in_bfloat16_learns_as_much_and_leaves_float32(tmp_path: Path) -> None:
    runs = [training(tmp_path, 40, rate=1e-2, mixed=mixed) for mixed in (False, True)]

    for run in runs:
        run.run(lambda _: None)

    exact, mixed = runs
    assert mixed.best.likelihood == pytest.approx(exact.best.likelihood, abs=0.01)
    assert mixed.best.likelihood != exact.best.likelihood
    assert not mixed.network.mixed
    assert {weight.dtype for weight in mixed.network.parameters()} == {torch.float32}


def test_the_transformer_compiles_to_one_graph_for_lives_of_every_length(tmp_path: Path) -> None:
    """As on CUDA, but for the code that is made of the graph."""
    network = read_by(tmp_path)
    network.mixed = True
    first, *others = BATCHES[0], BATCHES[5], BATCHES[-1]
    expected = [network(*batch) for batch in (first, *others)]

    assert network.reader
    network.reader.compile(dynamic=True, fullgraph=True, backend="eager")
    read = [network(*first)]
    with torch.compiler.set_stance("fail_on_recompile"):
        read += [network(*batch) for batch in others]

    assert len({each.shape for each in expected}) == 3
    assert all(torch.equal(one, other) for one, other in zip(read, expected, strict=True))


def test_rows_are_read_from_the_file_as_they_are_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held in memory at once is a small part of a mapped cohort, and no copy of it.

    Lifts and genes are found in some lives, which are held; here few are as many rows.
    """
    for room in (baseline, genes):
        monkeypatch.setattr(room, "MOST_LIVES", 2)
    genome = len(VOCABULARY)
    vocabulary = Vocabulary((*VOCABULARY.names, "G/one"), (*VOCABULARY.kinds, Kind.GENOME))
    n_lives, n_rows = 200, 15_000
    one = np.full(n_rows, A, np.uint32)
    one[:2] = FEMALE, genome
    for name, values in {
        "ages_days": np.tile(np.maximum(np.arange(n_rows, dtype=np.uint32), 1) * 2 - 2, n_lives),
        "tokens": np.tile(one, n_lives),
    }.items():
        np.save(tmp_path / f"{name}.npy", values)
    rows = {each.stem: np.load(each, mmap_mode="r") for each in tmp_path.glob("*.npy")}
    starts = np.arange(n_lives + 1) * n_rows
    patients = np.arange(n_lives, dtype=np.uint64)
    cohort = Cohort(vocabulary, patients, starts, **rows, chosen=np.arange(n_lives))

    learn(LIVES, tmp_path / "first", Schedule(steps=1), size="0.5M")  # imports what it needs

    tracemalloc.start()
    learn(cohort, tmp_path / "model", Schedule(steps=3, reading=Reading(8, 64)), size="0.5M")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < sum(each.nbytes for each in rows.values()) / 2


def test_a_model_is_stored_and_read_as_it_is(tmp_path: Path) -> None:
    stored = learn(LIVES, tmp_path, Schedule(steps=10), size="0.5M")

    again = load(tmp_path)

    batch = next(batches_of(LIVES, Reading()))
    assert torch.equal(stored.network(*batch), again.network(*batch))
    assert again.facts["size"] == "0.5M"
    assert again.facts["cohort"]["lives"] + again.facts["cohort"]["validated_by"] == 300


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    learn(LIVES, tmp_path, Schedule(steps=2), size="0.5M")

    with pytest.raises(Misconfigured, match="a run already"):
        learn(LIVES, tmp_path, Schedule(steps=2), size="0.5M")


def test_nothing_is_resumed_where_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no run to resume"):
        learn(LIVES, tmp_path, Schedule(steps=2), resume=True)


def test_another_size_is_not_resumed(tmp_path: Path) -> None:
    learn(LIVES, tmp_path, Schedule(steps=2), size="0.5M")

    with pytest.raises(Misconfigured, match="is of another size, or of another cohort"):
        learn(LIVES, tmp_path, Schedule(steps=2), size="2M", resume=True)


def test_a_run_is_repeated_from_its_configuration(tmp_path: Path) -> None:
    reading = Reading(size=16, longest=32)
    told = Schedule(steps=4, rate=3e-3, seed=5, reading=reading)
    one = learn(LIVES, tmp_path / "one", told, size="0.5M")

    size, schedule = configured([tmp_path / "one" / CONFIG], {})
    other = learn(LIVES, tmp_path / "other", schedule, size)

    for weight, again in zip(one.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(weight, again)
    said = one.facts["training"]
    assert all(said[name] == value for name, value in asdict(schedule).items())


def test_too_few_lives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="1 lives are too few"):
        learn(world(1), tmp_path, Schedule(steps=2))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no trained model"):
        load(tmp_path)
