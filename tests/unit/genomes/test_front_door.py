import epione.genomes


def test_the_room_of_genomes_offers_what_its_front_door_says() -> None:
    assert epione.genomes.__all__ == [
        "Allowed",
        "FileAddress",
        "GenomeReference",
        "OpenedGenome",
        "WebAddress",
        "allowed_address",
        "delete_genome",
        "opened_genome",
        "opened_reference",
        "refuse_out_of_reach",
        "sealed_reference",
    ]
