"""The structures as people read them."""

from dataclasses import replace

from intercup.domain.directory import Directory


def test_a_place_is_shown_once_with_or_without_its_province(directory: Directory) -> None:
    messina = directory.structure_by_id["asp_messina"]

    def shown(*places: str) -> list[str]:
        return replace(messina, places=places).places_shown

    assert shown("Patti", "Patti Messina") == ["Patti"]
    assert shown("Patti Messina", "Ospedale Patti") == ["Ospedale Patti"]
    assert shown("Militello", "Borgo di Messina", "Martino Messina", "Messina") == [
        *("Militello", "Borgo di Messina", "Martino Messina", "Messina")
    ]


def test_every_town_of_the_directory_is_shown(directory: Directory) -> None:
    hidden = {p for s in directory.structures for p in s.places if p not in s.places_shown}
    assert hidden == {"Patti Messina", "Piemonte Messina", "Noto Siracusa", "Umberto I Siracusa"}


def test_a_category_that_a_text_is_hardly_about_is_possible(directory: Directory) -> None:
    ranking = (
        ("report_booking_problem", 0.6),
        ("ask_facility_information", 0.003),
        ("change_booking", 0.001),  # of the category before
        ("report_access_problem", 0.002),
        ("thank", 0.39),
    )
    assert directory.possible_subjects(ranking) == ("technical", "information")
    assert directory.possible_subjects((("thank", 1.0),)) == ()
