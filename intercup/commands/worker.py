"""`intercup worker`: the mails that are due, alarms, questions to citizens, the daily purge."""

import argparse
import asyncio

from intercup.commands.bot_folder import BOT, BOT_PYTHON, machine_environment
from intercup.commands.terminal import Commands, settings_to_serve, until_stopped


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add_parser("worker", help="avvia l'invio delle e-mail").set_defaults(command=work)


def work(_arguments: argparse.Namespace) -> int:
    """Send mails until stopped."""
    import uvloop

    from intercup.db.engine import Database
    from intercup.metrics import serve_metrics
    from intercup.services.attachments.store import file_seal
    from intercup.services.delivery.alarm import Watch
    from intercup.services.models.training import Place
    from intercup.services.requests.ask import Asking
    from intercup.tracing import set_up_tracing
    from intercup.watchdog import give_signs_of_life
    from intercup.worker.loop import (
        ask_hourly,
        empty_journal,
        purge_daily,
        run_worker,
        train_when_asked,
    )

    settings = settings_to_serve(sends_mail=True)
    place = Place(
        BOT,
        settings.structures_file,
        settings.data_dir.absolute() / "training",
        BOT_PYTHON,
        machine_environment(),
    )
    serve_metrics(settings, "worker")
    set_up_tracing(settings.otlp_endpoint, "worker")

    async def send(stop: asyncio.Event) -> None:
        database = Database(settings.database_url)
        await database.verify()
        watch = Watch(settings.alarm_to, settings.mail_from)
        asking = Asking(settings.answer_days, settings.mails, settings.structures_file)
        signs = asyncio.create_task(give_signs_of_life())
        seal = file_seal(settings.secret_key)
        await asyncio.gather(
            run_worker(database, settings.relay, stop, watch, seal),
            purge_daily(database, stop),
            empty_journal(database, stop),
            ask_hourly(database, asking, stop),
            train_when_asked(database, place, stop),
        )
        signs.cancel()
        await database.close()

    return uvloop.run(until_stopped(send))
