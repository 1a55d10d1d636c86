"""What serving a model of a life of 25 million weights costs, beside torch: weights by chance.

pytest tests/benchmarks/test_lives.py -s
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from epione.timeline.calibration import HORIZONS_YEARS, N_BANDS, Calibration, Support
from epione.timeline.calibration import SEXES as BOTH
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_inference.lives import Life, LifeModel
from epione_training.lives.baseline import Baseline
from epione_training.lives.batches import Batch
from epione_training.lives.export import form_of, onnx_of, write
from epione_training.lives.extending import Extended, Extending, Own, Prefix
from epione_training.lives.lifts import N_BINS, SEXES, Matrix
from epione_training.lives.network import SIZES, Network
from epione_training.lives.store import Stored

N_TOKENS, HISTORY = 1_270, 48  # as Delphi's cohorts have them
FUTURES, STEPS = 32, 64
ROUNDS = 5

Way = Callable[[], object]


@pytest.fixture(scope="module")
def stored() -> Stored:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    chance = np.random.default_rng(0)

    def drawn(*shape: int) -> Matrix:
        found: Matrix = chance.normal(size=shape).astype(np.float32)
        return found

    diseases = tuple(f"D{n}" for n in range(N_TOKENS - 5))
    names = Vocabulary(
        ("Padding", "No event", "Female", "Male", *diseases, "Death"),
        (Kind.PADDING, Kind.NO_EVENT, *[Kind.SEX] * 2, *[Kind.EVENT] * len(diseases), Kind.DEATH),
    )
    n = N_TOKENS - 2
    baseline = Baseline(
        age_sex=drawn(SEXES, N_BINS, N_TOKENS) - 12,
        lifted=np.arange(2, N_TOKENS),
        lift=drawn(n, n) * np.float32(0.25),
        mean_lift=drawn(2, SEXES, N_BINS, n) * np.float32(0.25),
        once=np.ones(N_TOKENS, np.bool_),
        pairs=np.zeros((0, 2), np.int64),
        pair_lift=drawn(0, n),
    )
    network = Network(names, baseline, SIZES["25M"])
    assert network.reader is not None
    torch.nn.init.normal_(network.reader.head.weight, std=0.02)
    nothing = Support(np.zeros((BOTH, N_BANDS, N_TOKENS)), np.zeros((BOTH, N_BANDS)), True)
    ratio = np.ones((len(HORIZONS_YEARS), BOTH, N_BANDS, 2))
    calibration = Calibration(ratio, np.ones((len(HORIZONS_YEARS), N_TOKENS)), nothing, names.death)
    facts = {"cohort": {"lives": 0, "validated_by": 0, "events": 0, "planted": "by chance"}}
    return Stored(network.eval(), baseline, names, SIZES["25M"], facts, calibration)


@pytest.fixture(scope="module")
def served(stored: Stored, tmp_path_factory: pytest.TempPathFactory) -> dict[str, LifeModel]:
    folder = tmp_path_factory.mktemp("served")
    artefact = onnx_of(stored.network, form_of(stored))
    for name in ("float32", "int8"):
        card = write(stored, artefact, folder / name, None, int8=name == "int8")
        off = card["largest_difference_from_torch"]["served"]
        print(f"\n  {name}: {card['artefact']['bytes'] / 1e6:.0f} MB, {off:.1e} off torch", end="")
    print()
    return {name: LifeModel(folder / name) for name in ("float32", "int8")}


def lives(n: int, length: int) -> list[Life]:
    chance = np.random.default_rng(1)
    tokens = chance.integers(4, N_TOKENS - 1, (n, length))
    tokens[:, 0] = 2
    ages = np.sort(chance.uniform(0, 25_000, (n, length)).round(), axis=1)
    return [Life(*each) for each in zip(ages, tokens, strict=True)]


def batch_of(read: list[Life]) -> Batch:
    return Batch(
        torch.from_numpy(np.stack([each.tokens for each in read])),
        torch.from_numpy(np.stack([each.ages_days for each in read]).astype(np.float32)),
    )


def seconds_of(way: Way) -> float:
    """Give processor time, on a machine with other work."""
    began = time.process_time()
    way()
    return time.process_time() - began


def report(what: str, anchor: Way, other: Way, rounds: int = ROUNDS) -> None:
    """Tell how often `other` gets done while `anchor` does once; they take turns."""
    anchor(), other()
    each = [(seconds_of(anchor), seconds_of(other)) for _ in range(rounds)]
    found = [slow / fast for slow, fast in each]
    least = [1_000 * min(column) for column in zip(*each, strict=True)]
    middle, low, high = statistics.median(found), min(found), max(found)
    print(
        f"  {what:52} {middle:.2f}x ({low:.2f} to {high:.2f});"
        f" least {least[0]:.0f} and {least[1]:.0f} ms"
    )


@pytest.mark.parametrize("kind", ["float32", "int8"])
@pytest.mark.parametrize(("n", "length"), [(1, 48), (32, 48), (32, 96)])
@torch.inference_mode()
def test_reading_against_torch_eager(
    stored: Stored, served: dict[str, LifeModel], kind: str, n: int, length: int
) -> None:
    """The network as training runs it, and doing no more than is asked: after the last token."""
    read = lives(n, length)
    batch = batch_of(read)
    last = torch.full((n, 1, 1), length - 1)
    extending = Extending(stored.network).eval()
    unread = [torch.from_numpy(each) for each in form_of(stored).unread(n)]
    prefix, own = _caches(unread[2:], stored)

    def only_last() -> Extended:
        extended: Extended = extending(
            batch.tokens[:, None], batch.ages_days[:, None], last, *unread[:2], prefix, own
        )
        return extended

    model = served[kind]
    what = f"{n} lives of {length} tokens, {kind}"
    report(f"{what}, of the network", lambda: stored.network(*batch), lambda: model.read(read))
    report(f"{what}, of the last token alone", only_last, lambda: model.read(read))


@pytest.mark.parametrize("kind", ["float32", "int8"])
@torch.inference_mode()
def test_futures_against_torch_with_a_cache(
    stored: Stored, served: dict[str, LifeModel], kind: str
) -> None:
    """One history and 32 futures of 64 tokens, in torch one after the other, or in one batch.

    Both have a cache of keys and values, that of the history read once and copied to each.
    """
    (life,) = lives(1, HISTORY)
    chance = np.random.default_rng(2)
    tokens = chance.integers(4, N_TOKENS - 1, (STEPS, FUTURES))
    ages = 25_000.0 + np.arange(1, STEPS + 1)[:, None] * np.full(FUTURES, 60.0)
    model = served[kind]

    def cascade() -> None:
        futures = model.cascade(model.left_by(life), FUTURES)
        for token, age in zip(tokens, ages, strict=True):
            futures.step(token, age, np.arange(FUTURES))

    def together() -> None:
        _in_torch(stored, life, tokens, ages)

    def apart() -> None:
        for n in range(FUTURES):
            _in_torch(stored, life, tokens[:, n : n + 1], ages[:, n : n + 1])

    report(f"{FUTURES} futures, {kind}, of torch one by one", apart, cascade, rounds=1)
    report(f"{FUTURES} futures, {kind}, of torch in one batch", together, cascade, rounds=3)


def _in_torch(stored: Stored, life: Life, tokens: np.ndarray, ages: np.ndarray) -> None:
    """Go on with futures whose cache begins with the history's: what they share is copied."""
    extending, n = Extending(stored.network).eval(), tokens.shape[1]
    unread = [torch.from_numpy(each) for each in form_of(stored).unread(1)]
    prefix, own = _caches(unread[2:], stored)
    batch = batch_of([life])
    last = torch.tensor([[[HISTORY - 1]]])
    left = extending(batch.tokens[None], batch.ages_days[None], last, *unread[:2], prefix, own)
    had, standing = left.had.expand(1, n, -1), left.standing.expand(1, n, -1)
    own = Own(*([each.expand(1, n, -1, -1, -1) for each in of] for of in left.own))
    now = torch.zeros(1, n, 1, dtype=torch.long)
    for token, age in zip(tokens, ages.astype(np.float32), strict=True):
        step = (torch.from_numpy(each)[None, :, None] for each in (token, age))
        left = extending(*step, now, had, standing, prefix, own)
        had, standing, own = left.had, left.standing, left.own


def _caches(of: list[Tensor], stored: Stored) -> tuple[Prefix, Own]:
    length, *caches = of
    n = stored.shape.layers
    return Prefix(length, caches[:n], caches[n : 2 * n]), Own(
        caches[2 * n : 3 * n], caches[3 * n :]
    )


def test_bound_futures_against_plain(stored: Stored, served: dict[str, LifeModel]) -> None:
    """Outputs of a step that stay where they are, as inputs of the next; or through numpy."""
    (life,) = lives(1, HISTORY)
    model = served["float32"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.card.artefact, options, providers=["CPUExecutionProvider"]
    )
    left = model.left_by(life)
    tokens = np.full((1, FUTURES, 1), 9)
    ages = np.full((1, FUTURES, 1), 26_000, np.float32)
    now = np.zeros((1, FUTURES, 1), np.int64)
    state = [np.repeat(each, FUTURES, axis=1) for each in left.state]

    def plain() -> None:
        cascade = model.cascade(left, FUTURES)
        for _ in range(STEPS):
            cascade.step(tokens[0, :, 0], ages[0, :, 0].astype(float), np.arange(FUTURES))

    def bound() -> None:
        value = onnxruntime.OrtValue.ortvalue_from_numpy
        asked = (tokens, ages, now, *state, *left.prefix, *model.form.no_keys(1, FUTURES))
        values = [value(np.ascontiguousarray(each)) for each in asked]
        for _ in range(STEPS):
            binding = session.io_binding()
            for name, each in zip(model.form.asked, values, strict=True):
                binding.bind_ortvalue_input(name, each)
            for name in model.form.answered:
                binding.bind_output(name, "cpu")
            session.run_with_iobinding(binding)
            answered = binding.get_outputs()
            answered[0].numpy()
            n = len(answered) - 6
            values = [*values[:3], *answered[4:6], *values[5 : len(values) - n], *answered[6:]]

    report(f"{FUTURES} futures, float32, bound, of plain", plain, bound, rounds=3)
