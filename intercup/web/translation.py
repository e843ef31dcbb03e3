"""Translation of templates while they are compiled: a page pays nothing for it when rendered."""

import re
from typing import Any

from jinja2 import nodes
from jinja2.ext import InternationalizationExtension

from intercup.languages.catalogues import translated

_VALUE = re.compile(r"%\((\w+)\)s")


class TranslationExtension(InternationalizationExtension):
    """Replace `{% trans %}` by its sentence in the environment's global `language`."""

    def _make_node(
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        vars_referenced: bool,
        num_called_num: bool,
    ) -> nodes.Output:
        if plural is not None:
            raise NotImplementedError("a sentence must do without plural forms")
        italian = singular if vars_referenced else singular.replace("%%", "%")
        text = translated(context or "", italian, str(self.environment.globals["language"]))
        # The text of the template, a value's name, and so on.
        return nodes.Output(
            [
                variables[part] if position % 2 else nodes.TemplateData(part.replace("%%", "%"))
                for position, part in enumerate(_VALUE.split(text))
            ]
        )


def translator(language: str) -> Any:
    """Return the function `_` of the templates, for sentences within expressions."""
    return lambda italian: translated("", italian, language)
