"""The ground of the journeys itself."""

from playwright.sync_api import Page

from accounts.models import User
from tests.e2e.site import Site


def make_person(email: str) -> User:
    return User.objects.create(email=email)


def test_the_front_page_opens_in_the_browser(site: Site, page: Page) -> None:
    answer = page.goto(f"{site.url}/")
    assert answer is not None
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_site_sees_what_the_test_writes(site: Site, page: Page) -> None:
    site.sign_in(page.context, make_person("one@example.cl"))
    answer = page.goto(f"{site.url}/inicio/")
    assert answer is not None
    assert answer.url == f"{site.url}/inicio/"


def test_nothing_of_one_journey_is_left_for_the_next(site: Site) -> None:
    assert not User.objects.filter(email="one@example.cl").exists()
    assert site.mails() == []
    site.has_finished_its_work()
