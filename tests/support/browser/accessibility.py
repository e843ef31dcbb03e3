"""axe-core in the page: broken accessibility rules, with element and remedy."""

from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.support.paths import ROOT

SCRIPT = ROOT / "web-widget/node_modules/axe-core/axe.min.js"
# Levels A and AA up to WCAG 2.2, and axe's best practices.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# axe checks the target size of 24 px (2.5.8) only on request. It would fetch all style sheets again
# for one experimental rule, which is off.
RUN = """tags => axe.run({
  runOnly: tags,
  rules: { 'target-size': { enabled: true } },
  preload: { assets: ['media'] },
  resultTypes: ['violations'],
})"""
# The rules whose outcome depends on colours.
COLOURS = ("color-contrast", "link-in-text-block")


async def assert_accessible(page: Page, where: str, scheme: str = "light") -> None:
    """Fail with a line for each part of the page, shadow roots included, that breaks a rule.

    A page in dark colours is also checked in light ones: its parts and sizes are the same.
    """
    found = await broken_rules(page, *(COLOURS if scheme == "dark" else ()))
    assert found == [], "\n".join([f"{where}: {len(found)} accessibility problems", *found])


async def broken_rules(page: Page, *rules: str) -> list[str]:
    """Return `rule (impact) at target: what to do` for each part that breaks a rule.

    Without names of rules all are checked.
    """
    # Evaluated, not loaded as a script, so that the page's content security policy stays.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    result: dict[str, Any] = await page.evaluate(RUN, rules or TAGS)
    return [
        f"  {rule['id']} ({rule['impact']}) at {_target(node)}: {rule['help']}. "
        f"{' '.join(node['failureSummary'].split())} {rule['helpUrl']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


def _target(node: dict[str, Any]) -> str:
    """Name a node; inside shadow roots its selector is a list of one for each root."""
    return " ".join(
        " >> ".join(part) if isinstance(part, list) else part for part in node["target"]
    )


@cache
def _axe() -> str:
    return SCRIPT.read_text("utf-8")
