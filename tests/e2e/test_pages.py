"""Every page in every state: rules of accessibility, and pictures to look at."""

import pytest

from tests.e2e.accessibility import assert_accessible
from tests.e2e.page_states import Visit
from tests.running_service import PROJECT

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    # python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning:onelogin"),
]


@pytest.mark.parametrize("width", [1280, 360])
async def test_no_rule_of_accessibility_is_broken(shown: Visit, width: int) -> None:
    await shown.page.set_viewport_size({"width": width, "height": 800})
    await assert_accessible(shown.page, f"{shown.name} at {width} px")


async def test_the_page_is_photographed(shown: Visit) -> None:
    folder = PROJECT / "test-results" / "screenshots" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    for width in (1280, 768, 360):
        await shown.page.set_viewport_size({"width": width, "height": 800})
        await shown.page.screenshot(
            path=folder / f"{shown.name}-{width}.png", full_page=True, animations="disabled"
        )
