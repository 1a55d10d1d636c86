"""What the room shows."""

from epione.medicine import pharmacogenomics


def test_the_front_door_shows_what_the_room_is_for() -> None:
    assert pharmacogenomics.__all__ == [
        "MARK",
        "PINNED",
        "RELEASE",
        "Answer",
        "Body",
        "Circumstances",
        "DrugAdvice",
        "Guidelines",
        "NoAdvice",
        "Possible",
        "Settling",
        "Taken",
        "call_gene",
        "call_genes",
        "gene_names",
        "gene_of",
        "is_looked_up",
        "meaning_of",
        "name_of",
        "not_in_genomes",
        "outside_calls",
        "possible_of",
        "read_outside",
        "read_whole",
        "release_named",
        "why_not_called",
    ]
