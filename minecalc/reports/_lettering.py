"""How much room a line of text takes in a picture, estimated from the widths of Helvetica, and text cut to a room."""

from __future__ import annotations

import unicodedata

from minecalc.visible import visible

#: The fonts of pictures, all as wide as Helvetica.
FONTS = "Helvetica, Arial, 'Liberation Sans', sans-serif"

#: Letters by their width as a share of the size, from Helvetica's metrics; others are of the last width.
_WIDTHS = (
    (0.25, "ijl'|.,:;!I "),
    (0.34, 'ft()[]/-"r'),
    (0.5, "ckszJvxy"),
    (0.56, "0123456789abdeghnopquL$_?"),
    (0.62, "FTZ+<>=~"),
    (0.67, "ABEKPSVXY&"),
    (0.73, "CDHNRUw"),
    (0.8, "GOQ"),
    (0.88, "mMW%@"),
)
_WIDTH = {letter: width for width, letters in _WIDTHS for letter in letters}
_OTHER, _EAST_ASIAN = 0.7, 1.0
#: Letters of a label that a picture could show at all.
_MOST = 120


def room(text: str, size: float) -> float:
    """About how many pixels ``text`` takes in letters of ``size`` pixels."""
    return size * sum(_WIDTH.get(letter) or _of_other(letter) for letter in text)


def fitted(text: str, size: float, most: float) -> str:
    """``text`` made visible, with an ellipsis in place of what does not fit in ``most`` pixels."""
    text = visible(text, _MOST)
    if room(text, size) <= most:
        return text
    while text and room(text + "…", size) > most:
        text = text[:-1]
    return text.rstrip() + "…"


def _of_other(letter: str) -> float:
    return _EAST_ASIAN if unicodedata.east_asian_width(letter) in "WF" else _OTHER
