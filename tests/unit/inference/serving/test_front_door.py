"""The room's public names."""

from epione_inference import serving


def test_the_front_door_is_what_is_meant() -> None:
    assert set(serving.__all__) == {
        "CPU",
        "CUDA",
        "Answering",
        "Arrays",
        "Card",
        "Checks",
        "Execution",
        "File",
        "MicroBatches",
        "Role",
        "RunPool",
        "Served",
        "Serving",
        "Session",
        "Shadow",
        "Version",
        "artefact_of",
        "card_in",
        "loaded",
        "read_card",
        "refuse_two_runtimes",
    }
