"""The reader of k8s/ against the real one."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.deployment.kustomization import K8S, key_of, merged, objects_of


def in_one_order(value: Any) -> Any:
    """Order what has a name by it: where a patch adds an entry to a list is not said."""
    if isinstance(value, dict):
        return {key: in_one_order(each) for key, each in value.items()}
    if isinstance(value, list):
        ordered = [in_one_order(each) for each in value]
        if all(isinstance(each, dict) and "name" in each for each in ordered):
            ordered.sort(key=lambda each: str(each["name"]))
        return ordered
    return value


@pytest.mark.parametrize("overlay", ["base", "cpu", "gpu"])
def test_it_reads_what_kubectl_makes(overlay: str) -> None:
    if (kubectl := shutil.which("kubectl")) is None:
        pytest.skip("kubectl is not here")
    made = subprocess.run(
        [kubectl, "kustomize", str(K8S / overlay)], capture_output=True, text=True, check=True
    )

    expected = {key_of(each): in_one_order(each) for each in yaml.safe_load_all(made.stdout)}

    assert {key_of(each): in_one_order(each) for each in objects_of(K8S / overlay)} == expected


def test_what_it_does_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: []\nnamePrefix: a-\n")

    with pytest.raises(ValueError, match="namePrefix"):
        objects_of(tmp_path)


@pytest.mark.parametrize(
    ("whole", "change", "both"),
    [
        pytest.param({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}, id="a field is replaced"),
        pytest.param(
            [{"name": "x", "v": 1}], [{"name": "x", "w": 2}], [{"name": "x", "v": 1, "w": 2}],
            id="an entry of that name is merged",
        ),
        pytest.param(
            [{"name": "x"}], [{"name": "y"}], [{"name": "x"}, {"name": "y"}],
            id="an entry of another name is added",
        ),
        pytest.param([1, 2], [3], [3], id="what has no names is replaced"),
    ],
)  # fmt: skip
def test_changes_are_merged(whole: Any, change: Any, both: Any) -> None:
    assert merged(whole, change) == both
