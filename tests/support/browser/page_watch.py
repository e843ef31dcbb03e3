"""Watch over a page: breaches of its content policy, logged errors, requests elsewhere."""

from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import BrowserContext

# The console tells most violations too, but not those of a policy that only reports.
REPORT = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))"""
REFUSED = "Failed to load resource: the server responded with a status of"


@dataclass
class Watch:
    """Problems and foreign addresses of all pages of a browser context, as they come."""

    origins: tuple[str, ...]
    problems: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @classmethod
    async def over(cls, context: BrowserContext, *origins: str) -> Self:
        """Begin to watch; pages may talk with these origins."""
        watch = cls(origins)
        await context.add_init_script(REPORT)
        context.on("console", lambda m: watch._note(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: watch._note(str(error.error)))
        context.on("request", lambda request: watch._ask(request.url))
        return watch

    @property
    def own_problems(self) -> list[str]:
        """The problems without the answers that refuse something, as some states must have."""
        return [problem for problem in self.problems if not problem.startswith(REFUSED)]

    def _note(self, problem: str) -> None:
        self.problems.append(problem)

    def _ask(self, url: str) -> None:
        if not url.startswith((*(f"{origin}/" for origin in self.origins), "data:")):
            self.foreign.append(url)
