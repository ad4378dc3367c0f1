"""Which words of a source mean an open licence, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.licences import Licence, known_licence, rights_told
from contracts.sidecar import Sidecar, rights_beside

BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (BY, "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-sa/2.5", "CC-BY-SA-2.5"),
        ("http://creativecommons.org/licenses/by-sa/3.0/us/", "CC-BY-SA-3.0"),
        ("//creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("Creative Commons Attribution license (reuse allowed)", "CC-BY"),
        ("Creative Commons Attribution licence (reuse allowed)", "CC-BY"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported License", "CC-BY-SA-3.0"),
        ("Creative Commons Attribution - Share Alike", "CC-BY-SA"),
        ("CC-BY-SA 4.0", "CC-BY-SA-4.0"),
        ("cc by 3.0", "CC-BY-3.0"),
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc-by", "CC-BY"),
        ("CC-BY-3.0-DE", "CC-BY-3.0"),
        ("CC0", "CC0"),
        ("CC0-1.0", "CC0-1.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("Creative Commons Zero", "CC0"),
        ("Creative Commons CC0 1.0 Universal Public Domain Dedication", "CC0-1.0"),
        ("Public Domain Mark 1.0", "CC-PDM-1.0"),
    ],
)
def test_a_licence_that_lets_anybody_publish_a_cut_is_known_by_its_full_name(told: str, name: str) -> None:
    assert known_licence(told) == Licence(name, reusable=True)
    assert rights_told(told, title="A", owner="Ann", page="https://example.org/a").status == "licensed"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/deed.de", "CC-BY-NC-ND-4.0"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ("CC-BY-NC-SA", "CC-BY-NC-SA"),
        ("cc_by_nd", "CC-BY-ND"),
        ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0", "CC-BY-NC-ND-3.0"),
        ("Creative Commons Attribution - Non Commercial - No Derivative Works", "CC-BY-NC-ND"),
        ("Creative Commons Attribution-NoDerivatives", "CC-BY-ND"),
    ],
)
def test_a_licence_that_forbids_cuts_or_earning_is_known_and_not_open(told: str, name: str) -> None:
    assert known_licence(told) == Licence(name, reusable=False)
    rights = rights_told(told, title="A", owner="Ann", page="https://example.org/a")
    assert (rights.status, rights.licence) == ("unknown", name)


@pytest.mark.parametrize(
    "told",
    [
        "Creative Commons",
        "creative commons license",
        "CC",
        "CC NC",
        "cc-something",
        "Attribution",
        "Public domain",
        "creativecommons.org",
        "https://creativecommons.org/licenses/",
        "https://creativecommons.org/licenses/by/",
        "https://creativecommons.org.example.com/licenses/by/4.0/",
        "https://example.org/?see=https://creativecommons.org/licenses/by/4.0/",
        "not Creative Commons Attribution",
        "Creative Commons Attribution, except for the music",
        "CC BY or all rights reserved",
        "CC-BY-SA-ND",
        "CC-BY-BY",
        "CC BY 4",
        "Standard YouTube License",
        "all-rights-reserved",
        "",
        None,
    ],
)
def test_anything_else_opens_nothing(told: str | None) -> None:
    assert known_licence(told) is None
    assert rights_told(told, title="A", owner="Ann", page="https://example.org/a").status == "unknown"


@given(st.text(max_size=60), st.text(max_size=60))
def test_words_before_or_behind_a_licence_never_open_it(before: str, behind: str) -> None:
    told = f"{before} only CC BY {behind}"
    assert known_licence(told) is None


@given(st.text(max_size=5000) | st.text(alphabet="CBYSANDcbysand0 -_.,()41", max_size=200))
def test_any_words_are_answered(told: str) -> None:
    licence = known_licence(told)
    assert licence is None or not {"NC", "ND"} & set(licence.name.split("-")) or not licence.reusable


def test_the_rights_name_licence_address_owner_and_credit() -> None:
    rights = rights_told(BY, title="How bees fly", owner="Ann", page="https://example.org/a")
    assert (rights.licence, rights.licence_url, rights.owner) == ("CC-BY-4.0", BY, "Ann")
    assert rights.attribution == "“How bees fly” by Ann (CC-BY-4.0, https://example.org/a)"


def test_the_words_of_an_unknown_licence_are_kept_for_the_person_who_decides() -> None:
    rights = rights_told(" House rules ", title="A", owner=None, page="https://example.org/a")
    assert (rights.licence, rights.licence_url, rights.attribution) == ("House rules", None, None)
    rights = rights_told("https://example.org/terms", title="A", owner=None, page="https://example.org/a")
    assert (rights.licence, rights.licence_url) == (None, "https://example.org/terms")


def test_a_source_that_says_two_things_is_believed_only_if_both_are_open() -> None:
    told = ("CC BY 4.0", "https://creativecommons.org/licenses/by-nc/4.0/")
    for words in (told, told[::-1]):
        assert rights_told(*words, title="A", owner=None, page="https://example.org/a").status == "unknown"
    rights = rights_told("CC BY", BY, title="A", owner=None, page="https://example.org/a")
    assert (rights.status, rights.licence_url) == ("licensed", BY)


def test_a_source_that_says_nothing_leaves_only_the_owner() -> None:
    rights = rights_told(None, "", title="A", owner="Ann", page="https://example.org/a")
    assert rights.model_dump(exclude_defaults=True) == {"owner": "Ann"}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, "owned"),
        ({"licence": "mail of 3 May"}, "owned"),
        ({"licence": "CC BY 4.0"}, "licensed"),
        ({"licence": "CC BY-NC 4.0"}, "unknown"),
        ({"licence": "CC BY", "licence_url": "https://creativecommons.org/licenses/by-nd/4.0/"}, "unknown"),
        ({"licence": "CC BY-NC 4.0", "rights_status": "permission"}, "permission"),
    ],
)
def test_the_file_beside_a_video_is_read_by_the_same_rule(told: dict[str, str], status: str) -> None:
    rights = rights_beside(Sidecar.model_validate(told), title="A", default="owned")
    assert (rights.status, rights.licence) == (status, told.get("licence"))
