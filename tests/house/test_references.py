"""What the generated references show, and what they keep to themselves."""

from __future__ import annotations

from cli.services import SERVICES
from cli.settings_index import all_settings
from tools.settings_reference import env_example, settings_page


def test_every_setting_is_described() -> None:
    assert [setting.variable for setting in all_settings() if not setting.description] == []


def test_every_setting_is_on_the_page_and_in_the_example() -> None:
    page, example = settings_page(), env_example()
    for setting in all_settings():
        assert f"`{setting.variable}`" in page
        assert f"\n#{setting.variable}=" in example


def test_secrets_are_shown_without_a_value() -> None:
    secrets = [setting for setting in all_settings() if setting.secret]
    assert secrets
    lines = env_example().splitlines()
    assert all(f"#{setting.variable}=" in lines for setting in secrets)


def test_keys_are_secrets() -> None:
    named = [setting for setting in all_settings() if setting.variable.endswith(("_API_KEY", "_TOKEN", "_PASSWORD"))]
    assert [setting.variable for setting in named if not setting.secret] == []


def test_every_key_that_a_setting_asks_for_is_known_to_the_doctor() -> None:
    known = {service.variable for service in SERVICES}
    assert {setting.variable for setting in all_settings() if setting.variable.endswith("_API_KEY")} <= known
