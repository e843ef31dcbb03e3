"""The Italian texts of the web service, by key; see texts.yaml."""

from pathlib import Path

import yaml

from intercup.administration import administration


class Texts:
    """Sentences by dotted key, as in `error.not_found`, with the administration's names."""

    def __init__(self, path: Path) -> None:
        self._sections: dict[str, dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))

    def __call__(self, key: str, **values: str) -> str:
        """Return the sentence with its values.

        Raises:
            KeyError: there is no such sentence.
        """
        section, _, name = key.partition(".")
        return administration().named(self._sections[section][name]).format(**values)

    def section(self, name: str) -> dict[str, str]:
        """Return all sentences of a section by name."""
        texts = self._sections[name]
        return {key: administration().named(text) for key, text in texts.items()}


TEXTS = Texts(Path(__file__).parent / "texts.yaml")
