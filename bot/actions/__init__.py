"""Custom actions of the assistant: rasa-sdk classes that call the service's own functions.

They run in the root environment, not in Rasa's, so that chat and form share their code.
"""

import sys

# Rasa's own command for actions begins here, in the other environment.
if sys.version_info < (3, 13):  # noqa: UP036
    raise SystemExit(
        "The actions run in the service's environment:"
        " `.venv/bin/intercup actions`, in the folder above."
    )
