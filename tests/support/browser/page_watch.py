"""Watch over a page: content policy violations, logged errors, requests to other sites."""

from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import BrowserContext

# The console misses violations of report-only policies.
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
        """Start watching; pages may send requests to these origins."""
        watch = cls(origins)
        await context.add_init_script(REPORT)
        context.on("console", lambda m: watch._note(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: watch._note(str(error.error)))
        context.on("request", lambda request: watch._ask(request.url))
        return watch

    @property
    def own_problems(self) -> list[str]:
        """The problems without refusals by the server, which some states need."""
        return [problem for problem in self.problems if not problem.startswith(REFUSED)]

    def _note(self, problem: str) -> None:
        self.problems.append(problem)

    def _ask(self, url: str) -> None:
        if not url.startswith((*(f"{origin}/" for origin in self.origins), "data:")):
            self.foreign.append(url)
