"""Translation of templates while they are compiled: a page pays nothing for it when rendered."""

import re
from typing import Any

from jinja2 import nodes
from jinja2.ext import InternationalizationExtension

from intercup.languages.catalogues import form_of, translated, translated_forms

_VALUE = re.compile(r"%\((\w+)\)s")


class TranslationExtension(InternationalizationExtension):
    """Replace `{% trans %}` by its sentence in the environment's global `language`.

    With `{% pluralize %}` by the form that the language has for the number.
    """

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
        language = str(self.environment.globals["language"])
        if plural is not None and plural_expr is not None:
            forms, said_in = translated_forms(singular, plural, language)
            index = self.call_method("form_of", [nodes.Const(said_in), plural_expr])
            chosen: nodes.Expr = nodes.Concat(_parts(forms[-1], variables))
            for number, form in enumerate(forms[:-1]):
                is_it = nodes.Compare(index, [nodes.Operand("eq", nodes.Const(number))])
                chosen = nodes.CondExpr(is_it, nodes.Concat(_parts(form, variables)), chosen)
            return nodes.Output([chosen])
        italian = singular if vars_referenced else singular.replace("%%", "%")
        return nodes.Output(_parts(translated(context or "", italian, language), variables))

    def form_of(self, language: str, number: int) -> int:
        """Return the index of a form, for the compiled templates."""
        return form_of(language, number)


def _parts(text: str, variables: dict[str, nodes.Expr]) -> list[nodes.Expr]:
    """Split a sentence into the template's text, a value's name, and so on."""
    return [
        variables[part] if position % 2 else nodes.TemplateData(part.replace("%%", "%"))
        for position, part in enumerate(_VALUE.split(text))
    ]


def translator(language: str) -> Any:
    """Return the function `_` of the templates, for sentences within expressions."""
    return lambda italian: translated("", italian, language)
