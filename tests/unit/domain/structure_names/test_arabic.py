import pytest

from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("كانيتسارو", "one", ("ao_cannizzaro",)),
        ("بوليكلينيكو كاتانيا", "one", ("aou_policlinico_catania",)),
        ("البوليكلينيك متاع ميسينا", "one", ("aou_policlinico_messina",)),
        ("أسب تراباني", "one", ("asp_trapani",)),
        ("في أغريجنتو", "one", ("asp_agrigento",)),
        ("جيلا", "guess", ("asp_caltanissetta",)),
        ("فيلا صوفيا", "one", ("ao_villa_sofia_cervello",)),
        ("بقطانيا", "several", ("asp_catania", "ao_cannizzaro", "aou_policlinico_catania")),
        ("الأسبوع القادم", "none", ()),
        ("أمسينا في البيت", "none", ()),
        ("لقاح بوليو للأطفال", "none", ()),
        ("حسان ماركو", "none", ()),
        ("مستشفى قريب من الدار", "none", ()),
    ],
)
def test_a_name_in_arabic_letters_is_known(
    directory: Directory, text: str, kind: str, ids: tuple[str, ...]
) -> None:
    found = resolve_structure(text, directory)
    assert (found.kind, found.ids) == (kind, ids)
