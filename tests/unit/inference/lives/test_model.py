"""An exported model, loaded and asked, against the network that it was made from."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.served_world import GENOME, RATIO_OF_DEATH
from tests.unit.training.lives.worlds import FEMALE, MALE, NO_EVENT, A, B, C

from epione.errors import Misconfigured
from epione_inference.lives import Life, LifeModel, futures_of
from epione_inference.serving import CUDA, Execution
from epione_training.lives.store import Stored

PARITY = 1e-5


def life(*events: tuple[float, int]) -> Life:
    ages, tokens = zip(*events, strict=True)
    return Life(np.array(ages, float), np.array(tokens))


SHORT = life((0, FEMALE), (1, NO_EVENT), (9_000, A))
LONG = life(
    (0, MALE), (0, GENOME), (1, NO_EVENT), (5_000, C), (8_000, NO_EVENT), (9_000, A), (9_500, B)
)
UNSAID = life((50, A), (60, NO_EVENT))


@pytest.fixture(scope="module")
def model(served_life: Path) -> LifeModel:
    return LifeModel(served_life)


def torch_rates(stored: Stored, *lives: Life) -> Iterator[np.ndarray]:
    with torch.inference_mode():
        for each in lives:
            tokens = torch.from_numpy(each.tokens)[None]
            ages = torch.from_numpy(each.ages_days.astype(np.float32))[None]
            yield stored.network(tokens, ages)[0, -1].numpy()


def test_lives_of_any_length_are_answered_as_torch_answers_each_alone(
    model: LifeModel, stored_life: Stored
) -> None:
    lives = [LONG, SHORT, UNSAID, LONG]

    found = model.read(lives).log_rates

    for row, expected in zip(found[:, 0], torch_rates(stored_life, *lives), strict=True):
        assert np.abs(row - expected).max() <= PARITY


def test_a_quiet_path_is_answered_as_torch_answers_lives_that_go_on(
    model: LifeModel, stored_life: Stored
) -> None:
    """Of several lengths, with two pieces or three; each in its place."""
    ends = [life((0, MALE), (1, NO_EVENT), (1_700, B)), SHORT, LONG]
    days = 3_000.0

    read = model.read(ends, days)

    assert np.isfinite(read.begins_days).sum(1).tolist() == [3, 3, 2]
    for n, each in enumerate(ends):
        later = each.quiet_until(each.now_days + days)
        begins = read.begins_days[n][np.isfinite(read.begins_days[n])]
        assert begins.tolist() == (later.ages_days[-len(begins) :] - each.now_days).tolist()
        until = [
            Life(later.ages_days[:end], later.tokens[:end])
            for end in range(len(each.tokens), len(later.tokens) + 1)
        ]
        for piece, expected in enumerate(torch_rates(stored_life, *until)):
            assert np.abs(read.log_rates[n, piece] - expected).max() <= PARITY


def test_the_parts_add_up_to_the_rates(model: LifeModel) -> None:
    read = model.read([LONG])

    possible = read.log_rates > -30
    whole = read.age_sex + read.lift + read.transformer
    assert np.allclose(whole[possible], read.log_rates[possible], atol=1e-5)


def test_futures_are_gone_on_with_as_torch_reads_each_whole(
    model: LifeModel, stored_life: Stored
) -> None:
    """Four futures, of which two end: the rows that are left stay their own."""
    left = model.left_by(SHORT)
    cascade = model.cascade(left, 4)
    first = cascade.step(
        np.array([B, C, 1, B]), np.array([9_100.0, 9_200, 9_300, 9_400]), np.arange(4)
    )

    second = cascade.step(np.array([1, C]), np.array([9_900.5, 9_800]), np.array([1, 3]))
    third = cascade.step(np.array([B]), np.array([9_999.0]), np.array([1]))

    def whole(*since: tuple[float, int]) -> np.ndarray:
        rows = [*zip(SHORT.ages_days, SHORT.tokens, strict=True), *since]
        return next(torch_rates(stored_life, life(*rows)))

    assert np.abs(first[2] - whole((9_300, 1))).max() <= PARITY
    assert np.abs(second[0] - whole((9_200, C), (9_900.5, 1))).max() <= PARITY
    assert np.abs(second[1] - whole((9_400, B), (9_800, C))).max() <= PARITY
    assert np.abs(third[0] - whole((9_400, B), (9_800, C), (9_999, B))).max() <= PARITY


def test_what_happens_once_happens_once_in_a_future_too(model: LifeModel) -> None:
    left = model.left_by(SHORT)
    futures = futures_of(
        300,
        left.log_rates,
        lambda n: model.cascade(left, n).step,
        9_000,
        40_000,
        model.predicted,
        model.death,
        np.random.default_rng(0),
    )

    pairs = np.stack([futures.future, futures.tokens])
    assert len(np.unique(pairs, axis=1)[0]) == len(futures.tokens) > 300
    assert not (futures.tokens == A).any()


def test_the_folder_says_how_far_its_model_may_be_trusted(model: LifeModel) -> None:
    assert (model.calibration.ratio[..., 1] == RATIO_OF_DEATH).all()
    assert model.calibration.support.from_birth


@pytest.fixture
def folder(served_life: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(served_life, tmp_path / "copy"))


def rewrite(folder: Path, **said: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **said}))


def test_a_graph_that_is_not_the_cards_is_refused(folder: Path) -> None:
    artefact = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(artefact + b"\0")

    with pytest.raises(Misconfigured, match="not the one its card describes"):
        LifeModel(folder)


def test_other_answers_than_the_cards_are_refused(folder: Path) -> None:
    checks = json.loads((folder / "card.json").read_text())["checks"]
    checks["outputs"]["log_rates"][1][5] += 0.01
    rewrite(folder, checks=checks)

    with pytest.raises(Misconfigured, match=r"0\.01 off"):
        LifeModel(folder)


def test_a_graph_of_another_form_is_refused(folder: Path) -> None:
    form = json.loads((folder / "card.json").read_text())["form"]
    rewrite(folder, form={**form, "layers": 3})

    with pytest.raises(Misconfigured, match="asks or answers otherwise"):
        LifeModel(folder)


def test_a_card_of_before_calibration_travelled_is_refused(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    del card["calibration"]
    (folder / "card.json").write_text(json.dumps(card))

    with pytest.raises(Misconfigured, match="does not say calibration"):
        LifeModel(folder)


def test_a_calibration_that_does_not_hold_death_apart_is_refused(folder: Path) -> None:
    calibration = json.loads((folder / "card.json").read_text())["calibration"]
    ratio = np.array(calibration["ratio"])[..., 0].tolist()
    rewrite(folder, calibration={**calibration, "ratio": ratio})

    with pytest.raises(Misconfigured, match="not by time, sex, ten years, and death apart"):
        LifeModel(folder)


def test_a_calibration_that_leads_to_no_code_is_refused(folder: Path) -> None:
    calibration = json.loads((folder / "card.json").read_text())["calibration"]
    leads = {"before": [4], "after": [99], "log_lift": [1.0]}
    rewrite(folder, calibration={**calibration, "leads": leads})

    with pytest.raises(Misconfigured, match="the code 99 leads or is led to"):
        LifeModel(folder)


def test_a_calibration_of_other_tokens_is_refused(folder: Path) -> None:
    calibration = json.loads((folder / "card.json").read_text())["calibration"]
    events = np.array(calibration["events"])[..., :-1].tolist()
    by_code = np.array(calibration["ratio_by_code"])[..., :-1].tolist()
    rewrite(folder, calibration={**calibration, "events": events, "ratio_by_code": by_code})

    with pytest.raises(Misconfigured, match="8 tokens are calibrated, and 9 have a rate"):
        LifeModel(folder)


@pytest.mark.parametrize("file", ["card.json", "vocabulary.json", "model.onnx"])
def test_a_missing_file_is_refused(folder: Path, file: str) -> None:
    (folder / file).unlink()

    with pytest.raises(Misconfigured):
        LifeModel(folder)


def test_a_vocabulary_of_another_size_is_refused(folder: Path) -> None:
    rows = json.loads((folder / "vocabulary.json").read_text())
    (folder / "vocabulary.json").write_text(json.dumps(rows[:-1]))

    with pytest.raises(Misconfigured, match="8 tokens are named, and 9 have a rate"):
        LifeModel(folder)


def test_a_vocabulary_in_another_order_is_refused(folder: Path) -> None:
    written = (folder / "vocabulary.json").read_text()
    swapped = written.replace('"B"', '"?"').replace('"C"', '"B"').replace('"?"', '"C"')
    (folder / "vocabulary.json").write_text(swapped)

    with pytest.raises(Misconfigured, match=r"vocabulary of .* is not the one its card describes"):
        LifeModel(folder)


def test_a_card_that_does_not_say_whether_its_cohort_is_planted_is_refused(folder: Path) -> None:
    rewrite(folder, model={"cohort": {"lives": 400}})

    with pytest.raises(Misconfigured, match="does not say whether its cohort is planted"):
        LifeModel(folder)


def test_a_provider_that_cannot_be_had_is_refused(served_life: Path) -> None:
    with pytest.raises(Misconfigured, match=CUDA):
        LifeModel(served_life, Execution(providers=(CUDA,)))
