"""/presidio/modelli: versions of the model; train and try one aside, put it in use, go back."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from intercup.db.tables import Cell, Model, Training
from intercup.domain.italian_time import ROME
from intercup.domain.staff import Role
from intercup.errors import InvalidInput, NotFound
from intercup.services.models import store, training
from intercup.services.models.cells import cells
from intercup.services.models.training import ACTIVE, DEAD_AFTER, STEPS
from intercup.services.tuning.decisions import REWRITE_MAX, BadRewrite, add_example, examples
from intercup.services.tuning.file_sentences import in_files, moved
from intercup.services.tuning.queue import known_intents
from intercup.texts import TEXTS
from intercup.web.app_keys import BASE, DATABASE, STRUCTURES
from intercup.web.desk.deliveries import done
from intercup.web.desk.page import DESK, desk_page, note_change, noted
from intercup.web.desk.place import ROOT
from intercup.web.form_fields import read_fields
from intercup.web.render import see_other

PATH = f"{ROOT}/modelli"
OUTCOME = "#esito"  # where the page says what came of an action on the next version
TAKEN_WITHIN = 60.0  # seconds; later no worker seems to run
SLOW_AFTER = 600.0  # seconds; a machine at rest needs 1 to 3 minutes
FOLLOWED_WITHIN = 360.0  # seconds; later a cell seems unable to follow
GOES_ON = (*ACTIVE, "running_long")
KINDS = ("worse", "better", "other")  # of changed readings
PROGRAM = {store.SHIPPED: "shipped", store.CANDIDATE: "candidate"}
REASONS = {"separate": "copied", "answered": "unanswered", "emergencies": "lost"}


async def show(request: web.Request) -> web.Response:
    """Show the version in use, the training asked for last, and all versions."""
    return await _page(request, {}, {})


async def post_example(request: web.Request) -> web.Response:
    """Add a training sentence, or show the form again with its problems."""
    posted = await read_fields(request, ("text", "intent"))
    text, intent = posted["text"], posted["intent"]
    directory = request.app[STRUCTURES].directory
    here = await asyncio.to_thread(in_files)
    try:
        async with request.app[DATABASE].write() as writing:
            added = await add_example(writing, here, text, intent, directory)
            note_change(request, writing, "example_added", added)
    except BadRewrite as error:
        errors = {name: TEXTS(f"desk_problem.{key}") for name, key in error.problems.items()}
        return await _page(request, posted, errors, InvalidInput.status)
    return see_other(f"{PATH}?done=example_added&decision={added}{OUTCOME}")


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    app, now = request.app, time.time()
    here = set(await asyncio.to_thread(in_files))
    async with app[DATABASE].read() as reading:
        stored = await store.models(reading, app[BASE])
        told = await cells(reading, app[BASE], now)
        last = await training.latest(reading)
        accepted = [each for each in await examples(reading) if each.purpose == "training"]
        changed = await moved(reading, here)
    in_use, before, *_ = *(each for each in stored if each.published_at is not None), None, None
    waiting = [each for each in accepted if [each.text, each.intent] not in _taught(in_use)]
    # The page of a training that goes on is loaded again and again: it would fill the log.
    listed = [] if last and _state_of_training(last, now) in GOES_ON else waiting
    if listed:
        await noted(request, "examples_seen")
    added = next((each for each in accepted if each.id == request.query.get("decision")), None)
    context = {
        "in_use": _in_use(in_use, told, now) if in_use else None,
        "before": _version(before, in_use) if before else None,
        "training": _training(last, now) if last else None,
        "waiting": len(waiting),
        "accepted": [(each.id, each.text, _title(each.intent)) for each in listed],
        "changed": sum([each.text, each.intent] not in _untaught(in_use) for each in changed),
        "versions": [
            _version(each, in_use)
            for each in sorted(stored, key=lambda model: model.made_at, reverse=True)
        ],
        "intents": known_intents(),
        "added": (added.text, _title(added.intent)) if added else None,
        "values": values or {"intent": added.intent if added else ""},
        "errors": errors,
        "rewrite_max": REWRITE_MAX,
        "done": done(request),
        "is_about_next": not request.query.get("done", "").startswith("model_"),
    }
    shown = context | _rights(request)
    return await desk_page(request, "desk_models.html", "models", shown, status)


async def show_one(request: web.Request) -> web.Response:
    """Show what changes with a version, and offer to put it in use."""
    async with request.app[DATABASE].read() as reading:
        model = await store.find(reading, request.app[BASE], request.match_info["sha256"])
        in_use = await store.published(reading, request.app[BASE])
    if model is None:
        raise NotFound("not_found")
    await noted(request, "model_seen", model.name)
    report = model.report or {}
    context = {
        "version": _version(model, in_use),
        "in_use": in_use,
        "taught": _only_in(_taught(model), _taught(in_use)),
        "untaught": _only_in(_untaught(model), _untaught(in_use)),
        "dropped": _only_in(_taught(in_use), _taught(model)),
        "reasons": _reasons(model, in_use),
        "said": [
            (TEXTS(f"training.{step}"), said) for step, said in report.get("said", {}).items()
        ],
        "changes": _changes(report.get("changes", ())),
        "lost": report.get("lost", ()),
        "won": report.get("won", ()),
        "against": report.get("against", ""),
    }
    return await desk_page(request, "desk_model.html", "models", context | _rights(request))


async def post_training(request: web.Request) -> web.Response:
    """Ask a worker for a training."""
    async with request.app[DATABASE].write() as writing:
        asked = await training.ask(writing, request[DESK].member.name, time.time())
        if asked:
            note_change(request, writing, "training_asked")
    return see_other(f"{PATH}?done={'training_asked' if asked else 'training_active'}{OUTCOME}")


async def post_cancel(request: web.Request) -> web.Response:
    """Stop the training that the page showed."""
    posted = await read_fields(request, ("training",))
    async with request.app[DATABASE].write() as writing:
        # An empty id would mean any training.
        cancelled = await training.cancel(writing, posted["training"] or "none")
        if cancelled:
            note_change(request, writing, "training_cancelled")
    return see_other(
        f"{PATH}?done={'training_cancelled' if cancelled else 'training_over'}{OUTCOME}"
    )


async def post_publication(request: web.Request) -> web.Response:
    """Put a version in use, instead of the one that the page showed as in use."""
    posted = await read_fields(request, ("in_use",))
    base, sha256 = request.app[BASE], request.match_info["sha256"]
    async with request.app[DATABASE].write() as writing:
        in_use = next(iter(await store.held(writing, base)), None)
        model = await store.find(writing, base, sha256)
        obstacle = _obstacle(model, in_use, posted["in_use"])
        if model and not obstacle:
            await store.publish(writing, sha256, request[DESK].member.name, time.time())
            note_change(request, writing, "model_published", model.name)
    return see_other(f"{PATH}?done={obstacle or 'model_published'}")


def _obstacle(model: Model | None, in_use: Model | None, seen: str) -> str:
    if model is None:
        return "model_gone"
    if in_use and model.sha256 == in_use.sha256:
        return "model_already"
    if (in_use.sha256 if in_use else "") != seen:
        return "model_other"
    return "model_missed" if store.missed_gates(model, in_use) else ""


def _rights(request: web.Request) -> dict[str, bool]:
    roles = request[DESK].member.roles
    return {"may_publish": Role.RELEASE in roles, "may_decide": Role.DIALOGUE in roles}


def _version(model: Model, in_use: Model | None) -> dict[str, Any]:
    state = _state_of_version(model, in_use)
    return {
        "sha256": model.sha256,
        "name": model.name,
        "at": datetime.fromtimestamp(model.made_at, ROME),
        "by": _who(model.made_by),
        "examples": model.examples,
        "published": model.published_at and datetime.fromtimestamp(model.published_at, ROME),
        "published_by": _who(model.published_by or ""),
        "state": state,
        "state_text": TEXTS(f"desk_model.{state}"),
        "can_publish": state in ("ready", "used"),
        "sets": [
            (TEXTS(f"model_set.{name}"), found["sentences"], found["before"], found["after"])
            for name, found in (model.report or {}).get("sets", {}).items()
        ],
    }


def _who(by: str) -> str:
    """Return a member's name, or words for those who bring a model with the program's files."""
    return TEXTS(f"model_by.{PROGRAM[by]}") if by in PROGRAM else by


def _state_of_version(model: Model, in_use: Model | None) -> str:
    if in_use and model.sha256 == in_use.sha256:
        return "in_use"
    if model.published_at is not None:
        return "used"
    missed = store.missed_gates(model, in_use)
    if missed in (["tried"], ["compared"]):
        return missed[0]
    return "refused" if missed else "ready"


def _in_use(model: Model, told: Sequence[Cell], now: float) -> dict[str, Any]:
    """Return the version in use, with the cells that answer with it and those that don't."""
    behind = [(cell.name, cell.models) for cell in told if cell.models != model.name]
    return _version(model, model) | {
        "followed": len(told) - len(behind),
        "of": len(told),
        "behind": behind,
        "is_late": now - (model.published_at or now) > FOLLOWED_WITHIN,
    }


def _training(found: Training, now: float) -> dict[str, Any]:
    step = STEPS.index(found.step) if found.step in STEPS else -1
    problem, _, said = found.problem.partition("\n")
    return {
        "id": found.id,
        "by": found.asked_by,
        "at": datetime.fromtimestamp(found.asked_at, ROME),
        "is_active": found.state in ACTIVE,
        "text": TEXTS(f"desk_training.{_state_of_training(found, now)}"),
        "seconds": round(now - found.asked_at),
        "step_seconds": round(now - found.step_at),
        "seen_seconds": max(0, round(now - found.seen_at)),
        "is_running": found.state == "running",
        "steps": [
            (
                TEXTS(f"training.{name}"),
                "done" if number < step else "now" if number == step else "",
            )
            for number, name in enumerate(STEPS)
        ],
        "said": said,
        "problem": problem,
        "model": found.model,
        "is_broken": found.state == "broken",
    }


def _state_of_training(found: Training, now: float) -> str:
    if found.state == "waiting" and now - found.asked_at > TAKEN_WITHIN:
        return "waiting_long"
    if found.state == "running" and now - found.seen_at > DEAD_AFTER:
        return "lost"
    if found.state == "running" and now - found.asked_at > SLOW_AFTER:
        return "running_long"
    if found.state == "broken":
        problem = found.problem.partition("\n")[0]
        return f"broken_{problem if problem in ('worker', 'train', 'measure') else 'other'}"
    return found.state


def _taught(model: Model | None) -> list[list[str]]:
    """Return the accepted sentences that a model was trained with, each with its intent."""
    return (model.report or {}).get("taught", []) if model else []


def _untaught(model: Model | None) -> list[list[str]]:
    """Return the sentences of the files that a model wasn't trained with, each with its intent."""
    return (model.report or {}).get("untaught", []) if model else []


def _only_in(own: list[list[str]], others: list[list[str]]) -> list[tuple[str, str]]:
    return [(text, _title(intent)) for text, intent in own if [text, intent] not in others]


def _reasons(model: Model, in_use: Model | None) -> list[tuple[str, list[str]]]:
    """Return why a version isn't ready, each with the sentences or names that show it."""
    report = model.report or {}
    fallen = {gate: report.get(name, []) for gate, name in REASONS.items()}
    fallen["known"] = [
        f"{each['text']}: {_title(each['after'])}" for each in report.get("misread", ())
    ]
    missed = store.missed_gates(model, in_use)
    return [(TEXTS(f"model_gate.{gate}"), fallen.get(gate, [])) for gate in missed]


def _changes(found: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the sentences that are read otherwise, those that got worse first."""
    shown = [
        {
            "text": each["text"],
            "kind": (kind := _kind(each)),
            "kind_text": TEXTS(f"desk_change.{kind}"),
            **{name: _title(each[name]) for name in ("label", "before", "after")},
        }
        for each in found
    ]
    return sorted(shown, key=lambda each: KINDS.index(each["kind"]))


def _kind(change: dict[str, str]) -> str:
    if change["before"] == change["label"]:
        return "worse"
    return "better" if change["after"] == change["label"] else "other"


def _title(reading: str) -> str:
    """Return the words for a reading; one that is asked about ends in `?`."""
    intent = reading.removesuffix("?")
    words = known_intents().get(intent, intent)
    return TEXTS("desk_change.asked", reading=words) if reading.endswith("?") else words
