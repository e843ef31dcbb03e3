"""`intercup answers`: what the page of answers does, at a terminal."""

from intercup.db.engine import Database
from tests.integration.commands.test_structures import Run, run
from tests.support.desk import logged

__all__ = ("run",)  # the fixture
SPID = "utter_faq/spid"
NEW = "SPID è la sua identità digitale.\nSe non riesce a entrare, lo scriva qui."


async def test_an_answer_is_worded_under_the_pages_rules_and_goes_back(
    run: Run, database: Database
) -> None:
    status, said = await run("answers", "set", SPID, typed="Puoi scrivere a noi@example.it.")
    assert (status, "errore:" in said) == (1, True)
    assert (await run("answers", "set", SPID, typed=NEW))[0] == 0
    status, listed = await run("answers", "list", "identità digitale.")
    assert (status, f"{SPID}  (modificata)" in listed) == (0, True)
    status, shown = await run("answers", "show", SPID)
    assert (status, shown.startswith(NEW), "comando di" in shown) == (0, True, True)
    in_file = shown.partition("nel file: ")[2].splitlines()[0].replace(" | ", "\n")
    assert (await run("answers", "set", SPID, typed=in_file))[0] == 0
    assert "(modificata)" not in (await run("answers", "list", SPID))[1]
    assert (await run("answers", "show", "utter_nothing"))[0] == 1
    assert [what for _, what, *_ in await logged(database)] == ["answer_worded"] * 2
