"""Finding a browser never fails in silence."""

import pytest

import find_browser


def test_a_browser_named_by_hand_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/no/such/browser")

    assert find_browser.find_browser() is None


def test_where_none_can_be_installed_the_ways_to_get_one_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/no/such/browser")
    monkeypatch.setattr(find_browser, "install_browser", lambda: None)

    assert find_browser.main([]) == 1

    said = capsys.readouterr().err
    for way in ("apt-get install chromium", "playwright install chromium", "BROWSER_PATH"):
        assert way in said
