"""The seal on the SPID register."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from intercup.errors import ConfigurationError
from intercup.identity.register_seal import (
    BrokenSeal,
    Exchange,
    RegisterSeal,
    add_key,
    read_keys,
)

EXCHANGE = Exchange("_1", "<AuthnRequest/>", "<Response>Niccolò D'Amico</Response>", "accepted")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "spid" / "register.key"
    add_key(file)
    return file


def test_what_is_sealed_can_be_opened_and_not_be_read(key_file: Path) -> None:
    seal = RegisterSeal(read_keys(key_file))

    sealed = seal.seal(EXCHANGE)

    assert seal.open("_1", sealed) == EXCHANGE
    assert b"Amico" not in sealed
    assert seal.seal(EXCHANGE) != sealed


def test_an_altered_entry_does_not_open(key_file: Path) -> None:
    seal = RegisterSeal(read_keys(key_file))
    sealed = seal.seal(EXCHANGE)

    for position in (1, len(sealed) // 2, len(sealed) - 5):
        other = b"A" if sealed[position : position + 1] != b"A" else b"B"
        with pytest.raises(BrokenSeal):
            seal.open("_1", sealed[:position] + other + sealed[position + 1 :])


def test_an_entry_does_not_open_in_the_place_of_another(key_file: Path) -> None:
    seal = RegisterSeal(read_keys(key_file))

    with pytest.raises(BrokenSeal):
        seal.open("_1", seal.seal(replace(EXCHANGE, request_id="_2")))


def test_another_key_does_not_open(key_file: Path) -> None:
    sealed = RegisterSeal(read_keys(key_file)).seal(EXCHANGE)

    with pytest.raises(BrokenSeal):
        RegisterSeal([Fernet.generate_key().decode()]).open("_1", sealed)


def test_after_a_change_of_key_the_old_entries_still_open(key_file: Path) -> None:
    sealed = RegisterSeal(read_keys(key_file)).seal(EXCHANGE)
    add_key(key_file)
    keys = read_keys(key_file)

    assert len(keys) == 2
    assert RegisterSeal(keys).open("_1", sealed) == EXCHANGE
    newer = RegisterSeal(keys).seal(EXCHANGE)
    assert RegisterSeal(keys[:1]).open("_1", newer) == EXCHANGE


def test_only_its_owner_can_read_the_key(key_file: Path) -> None:
    add_key(key_file)

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [None, "", "no key\n", "città"])
def test_a_file_without_a_key_is_told(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "register.key"
    if text is not None:
        file.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError) as error:
        read_keys(file)

    assert str(file) in error.value.problems[0]
