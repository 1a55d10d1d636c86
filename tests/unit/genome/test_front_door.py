"""What the room shows."""

from epione.medicine import genome


def test_the_front_door_shows_what_the_room_is_for() -> None:
    assert genome.__all__ == [
        "WHOLE_CHROMOSOME",
        "Build",
        "Change",
        "Genome",
        "Genotype",
        "Record",
        "Site",
        "Sites",
        "change_of",
        "chromosome_of",
        "genotype_of",
        "read_vcf",
        "samples_of",
        "sites_of",
    ]
