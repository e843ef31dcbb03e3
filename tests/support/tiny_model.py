"""A model's file without a model: only what the store reads."""

import io
import json
import tarfile


def tiny_model(name: str) -> bytes:
    """Return a file with Rasa's metadata; the name is the first 8 characters of the model's id."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        data = json.dumps({"model_id": name + "0" * 24}).encode()
        member = tarfile.TarInfo("metadata.json")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()
