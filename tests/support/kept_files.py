"""A citizen's files, as they wait with a form of a session."""

import time

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession
from intercup.domain.attachment import CleanFile, kind_of
from intercup.services.attachments.store import FileDraft, file_seal, keep_file
from intercup.services.ids import hash_of, new_id
from tests.support.made_requests import AGATA, SECRET_KEY

SEAL = file_seal(SECRET_KEY)


async def draft_with(database: Database, *files: tuple[str, bytes]) -> FileDraft:
    """Keep files with a form of a new session of Agata's."""
    session_hash, now = hash_of(new_id()), time.time()
    row = BrowserSession(
        id_hash=session_hash, created_at=now, seen_at=now, person_key=AGATA.person_key
    )
    async with database.write() as session:
        session.add(row)
    draft = FileDraft(session_hash, AGATA.person_key, new_id())
    for number, (name, content) in enumerate(files):
        file = CleanFile(name, kind_of(content), content)
        await keep_file(database, SEAL, draft, file, now + number)
    return draft
