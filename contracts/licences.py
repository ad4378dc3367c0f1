"""Which licence a source names, and whether anybody may publish a cut of the work under it: the one rule for all."""

from __future__ import annotations

import re
from typing import NamedTuple

from contracts.media import Rights

__all__ = ["Licence", "attribution", "creative_commons", "known_licence", "rights_told"]

_DEED = re.compile(
    r"^(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?P<kind>licenses|publicdomain)/(?P<name>[a-z+-]+)/(?P<version>\d\.\d)(?:[/?#].*)?$",
    re.IGNORECASE,
)
_CODES = {"by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"}
_PUBLIC_DOMAIN = {"zero": "CC0", "mark": "CC-PDM"}

_ELEMENTS = {
    "by": r"attribution|by",
    "nc": r"non[ -]?commercial|nc",
    "sa": r"share[ -]?alike|sa",
    "nd": r"no[ -]?deriv(?:ative)?s?(?: works)?|nd",
}
_ELEMENT = "|".join(f"(?:{words})" for words in _ELEMENTS.values())
_NAMED = re.compile(
    rf"(?:creative commons|cc)[ -](?P<elements>(?:{_ELEMENT})(?: ?[ -] ?(?:{_ELEMENT}))*)"
    r"(?:[ -](?P<version>\d\.\d)(?:[ -](?:international|unported|generic|[a-z]{2,3}))?)?"
    r"(?: licen[cs]e)?(?: \(reuse allowed\))?"
)
_ZERO = re.compile(
    r"(?:creative commons )?(?:cc0|cc[ -]zero|(?<=commons )zero)(?:[ -](?P<version>1\.0))?"
    r"(?: universal)?(?: public domain dedication)?(?: licen[cs]e)?"
)
_MARK = re.compile(r"(?:creative commons )?public domain mark(?: (?P<version>1\.0))?")
_LONGEST = 200


class Licence(NamedTuple):
    """A licence by its SPDX id (without a version where none was told). `reusable`: anybody may publish a cut."""

    name: str
    reusable: bool


def known_licence(told: str | None) -> Licence | None:
    """The Creative Commons licence that an address or a name is; none for anything else.

    A name has to be the whole text and to say which of the licences it is: “Creative Commons” alone may be one that
    forbids cuts, and “public domain” is nobody's licence.
    """
    deed = creative_commons(told)
    if deed is not None:
        return Licence(*deed)
    text = " ".join((told or "").lower().replace("_", "-").replace("\u2013", "-").split())
    if len(text) > _LONGEST:
        return None
    if match := _ZERO.fullmatch(text):
        return Licence(_versioned("CC0", match["version"]), reusable=True)
    if match := _MARK.fullmatch(text):
        return Licence(_versioned("CC-PDM", match["version"]), reusable=True)
    match = _NAMED.fullmatch(text)
    code = "-".join(_elements(match["elements"])) if match else ""
    if match is None or code not in _CODES:
        return None
    return Licence(_versioned(f"CC-{code.upper()}", match["version"]), reusable=_open(code))


def creative_commons(url: str | None) -> tuple[str, bool] | None:
    """SPDX id of a Creative Commons deed, and whether anybody may publish a cut of the work; none: it is no such deed.

    NonCommercial and NoDerivatives are no open licences (Open Definition 2.1): a short is a derivative and may earn
    money, so there a person has to decide. Ported versions have the id of the unported text; the address says which
    one it is. Source: https://creativecommons.org/share-your-work/cclicenses, https://spdx.org/licenses.
    """
    match = _DEED.match((url or "").strip())
    if match is None:
        return None
    name, version = match["name"].lower(), match["version"]
    if match["kind"].lower() == "publicdomain":
        return (f"{_PUBLIC_DOMAIN[name]}-{version}", True) if name in _PUBLIC_DOMAIN else None
    if name not in _CODES:
        return None
    return f"CC-{name.upper()}-{version}", _open(name)


def rights_told(*told: str | None, title: str, owner: str | None, page: str) -> Rights:
    """The rights of a video whose source names its licence, as address, name or both; `page`: where it is watched.

    Open only if everything that is a known licence is an open one. Words that are none are kept, for a person.
    """
    words = [word.strip() for word in told if word and word.strip()]
    known = [licence for licence in map(known_licence, words) if licence is not None]
    address = next((word for word in words if "//" in word), None)
    name = known[0].name if known else next((word for word in words if "//" not in word), None)
    return Rights(
        status="licensed" if known and all(licence.reusable for licence in known) else "unknown",
        licence=name,
        licence_url=address,
        owner=owner,
        attribution=attribution(title, owner, name, page) if known else None,
    )


def attribution(title: str, owner: str | None, licence: str | None, page: str | None) -> str:
    """A credit line with title, author, source and licence, as Creative Commons recommends (TASL)."""
    by = f" by {owner}" if owner else ""
    rest = ", ".join(piece for piece in (licence, page) if piece)
    return f"“{title}”{by}" + (f" ({rest})" if rest else "")


def _elements(text: str) -> list[str]:
    return [
        code
        for match in re.finditer(_ELEMENT, text)
        for code, words in _ELEMENTS.items()
        if re.fullmatch(words, match[0])
    ]


def _open(code: str) -> bool:
    return not {"nc", "nd"} & set(code.split("-"))


def _versioned(name: str, version: str | None) -> str:
    return f"{name}-{version}" if version else name
