"""Run or train Rasa: `python -m engine.launcher follow|run|train`, in bot/."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any, List, Optional

UMASK = 0o077
ACTIONS = "http://127.0.0.1:5055/webhook"
PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "LOG_LEVEL": "WARNING",
    # A sentence is too small to parallelise, and other processes need the cores.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Rasa is loopback only: no calls through the machine's proxy.
    "NO_PROXY": "127.0.0.1,localhost",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the command line and return the exit status."""
    parsed = _parser().parse_args(arguments)
    # The libraries read these variables at import, so nothing of Rasa is imported above.
    os.environ.update(ENVIRONMENT)
    os.umask(UMASK)
    sys.path.insert(0, str(PROJECT))
    os.chdir(parsed.project)
    return parsed.command(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="engine.launcher", description=__doc__)
    parser.add_argument("--project", type=Path, default=PROJECT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve the model on 127.0.0.1")
    run.add_argument("--port", type=int, default=5005)
    run.add_argument("--model", default="models", help="a model, or a folder: its newest one")
    for descriptor in ("--listen", "--control"):  # given by `follow`
        run.add_argument(descriptor, type=int, help=argparse.SUPPRESS)
    run.add_argument("--gives-way", action="store_true", help=argparse.SUPPRESS)
    run.set_defaults(command=_run)
    follow = commands.add_parser("follow", help="serve the published model, which may change")
    follow.add_argument("--port", type=int, default=5005)
    follow.set_defaults(command=_follow)
    train = commands.add_parser("train", help="train if anything has changed")
    train.add_argument("--force", action="store_true")
    train.set_defaults(command=_train)
    return parser


def _train(parsed: argparse.Namespace) -> int:
    # The process ends with the training: garbage collection would cost 2 s.
    gc.disable()
    from engine.training import TrainingError, train
    from engine.without_tensorflow import leave_out_neural_components

    leave_out_neural_components()
    try:
        trained = train(Path.cwd(), parsed.force)
    except TrainingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's answer.
        return 1
    if not trained:
        print("The model is up to date.")  # noqa: T201 - the command's answer.
    return 0


def _run(parsed: argparse.Namespace) -> int:
    from engine.safe_logging import set_up_logging
    from engine.without_tensorflow import leave_out_tensorflow

    set_up_logging()
    leave_out_tensorflow()
    from engine.beside import Control, preparation, serve_when_told

    preparing = preparation(parsed.gives_way)
    preparing.submit(_import_rasa).result()
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from engine.channel_secret import authorization
    from engine.patches import apply_patches

    apply_patches()
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    authorization()  # Without the secret nothing starts.
    endpoints.action.url = os.environ.get("INTERCUP_ACTIONS_WEBHOOK", endpoints.action.url)
    model = parsed.model
    if parsed.control:
        control = Control(parsed.control, parsed.listen)
        serve_when_told(control, preparing)
        model = control.model()
    serve_application(
        model,
        interface="127.0.0.1",
        port=parsed.port,
        credentials="credentials.yml",
        endpoints=endpoints,
        enable_api=False,
        server_listeners=[(_settle, "after_server_start")],
    )
    return 0


def _import_rasa() -> None:
    import rasa.core.run  # noqa: F401 - takes seconds.


def _follow(parsed: argparse.Namespace) -> int:
    from engine.channel_secret import authorization
    from engine.following import follow
    from engine.safe_logging import set_up_logging

    set_up_logging()
    authorization()  # Without the secret nothing starts.
    return follow(Path.cwd(), parsed.port, os.environ.get("INTERCUP_ACTIONS_WEBHOOK", ACTIONS))


async def _settle(app: Any, _loop: Any) -> None:
    """Stop if there is no model; else tell systemd."""
    from engine.watchdog import give_signs_of_life

    if not app.ctx.agent.is_ready():
        # Rasa would continue and answer every message with an empty list.
        raise RuntimeError("the model couldn't be loaded")
    app.add_task(give_signs_of_life())


if __name__ == "__main__":
    sys.exit(main())
