import epione_ingestion


def test_the_service_offers_what_its_front_door_says() -> None:
    assert epione_ingestion.__all__ == [
        "CodeMap",
        "Rules",
        "Translation",
        "UnmappedCode",
        "answer_by",
        "count_unmapped",
        "read_maps",
        "translate",
    ]
