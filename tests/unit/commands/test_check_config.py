"""`intercup check-config`: notes that stop nothing."""

from intercup.commands.check_config import PYTHON, python_note


def test_a_python_without_its_corrections_is_noted() -> None:
    assert python_note((3, 13, 0)) == (
        "da aggiornare: Python 3.13.0; in produzione serve almeno 3.13.18"
    )


def test_a_corrected_python_is_not_noted() -> None:
    assert python_note(PYTHON) is None
    assert python_note((3, 14, 0)) is None
