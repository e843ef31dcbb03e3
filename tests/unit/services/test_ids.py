from intercup.services.ids import new_id


def test_no_command_takes_an_id_for_an_option() -> None:
    assert [id_ for id_ in (new_id() for _ in range(1_000)) if id_.startswith("-")] == []
