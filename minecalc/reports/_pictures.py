"""Charts as pictures, drawn by vl-convert from their specifications, and what pictures show put into words."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from xml.etree import ElementTree

from minecalc.document import Chart, Document, Histogram, Series, pictures
from minecalc.looks import figure
from minecalc.reports import NotShownError
from minecalc.reports._marks import WIDE, Json
from minecalc.reports._vega import spec
from minecalc.visible import visible

#: What a user types for the package that draws.
INSTALL = "pip install 'minecalc[report]'"

#: Pixels of a picture of dots for each of a drawn one.
_SCALE = 2.0

_SVG = "http://www.w3.org/2000/svg"
#: What a static picture needs none of: names of parts for scripts, and how a mouse meets them.
_IDLE = re.compile(r"class|role|pointer-events|aria-.*")
#: Series that are told in words.
_TOLD = 4


def can_draw() -> bool:
    """Whether the package that draws pictures is there."""
    return find_spec("vl_convert") is not None


def svg(chart: Chart | Histogram, *, width: int = WIDE, paper: bool = False, name: str = "") -> str:
    """A picture as SVG that stands alone or in a page, its ids beginning with ``name``.

    Its title and what it shows are in it, for those who hear a page. Raises NotShownError without vl-convert.
    """
    drawn = _converter().vegalite_to_svg(spec(chart, width, paper=paper), allowed_base_urls=[])
    return _trimmed(drawn, title=visible(chart.title), told=told(chart), name=name)


def png(chart: Chart | Histogram) -> bytes:
    """A picture as PNG on white, twice as fine as a screen. Raises NotShownError without vl-convert."""
    made: bytes = _converter().vegalite_to_png(spec(chart, paper=True), scale=_SCALE, allowed_base_urls=[])
    return made


def specification(chart: Chart | Histogram) -> Json:
    """The specification to draw a picture again, on white, with what it shows in words."""
    return spec(chart, description=f"{visible(chart.title)}. {told(chart)}".removeprefix(". "), paper=True)


def told(chart: Chart | Histogram) -> str:
    """What a picture shows, in a sentence or two with its main figures."""
    if isinstance(chart, Histogram):
        span = f"from {figure(chart.low, chart.unit)} to {figure(chart.high, chart.unit)}"
        peaks = "; ".join(_peak(chart, n) for n in range(len(chart.samples)))
        return f"Histogram {span}, in bars {figure(chart.width, chart.unit)} wide. {peaks}."
    if not chart.labels:
        return "Nothing to show."
    if chart.kind == "bridge":
        steps = chart.series[0]
        told = (figure(value or 0.0, chart.unit, steps.error(place)) for place, value in enumerate(steps.values))
        return f"Bridge: {'; '.join(' '.join(pair) for pair in zip(map(visible, chart.labels), told, strict=True))}."
    series = [*chart.series, *chart.over]
    names = "; ".join(_course(chart, one) for one in series[:_TOLD])
    more = f"; and {len(series) - _TOLD} more" if len(series) > _TOLD else ""
    kind = {"line": "Lines", "column": "Columns", "bar": "Bars"}[chart.kind]
    bands = f" Bands: {', '.join(visible(band.name) for band in chart.bands)}." if chart.bands else ""
    ends = f"{visible(chart.labels[0])} to {visible(chart.labels[-1])}"
    return f"{kind} over {ends}. {names}{more}.{bands}"


def _course(chart: Chart, one: Series) -> str:
    """Where a series begins and ends, and its extremes."""
    there = [(label, number) for label, number in zip(chart.labels, one.values, strict=True) if number is not None]
    if not there:
        return f"{visible(one.name)}: no values"
    (first, begins), (last, ends) = there[0], there[-1]
    low, high = (pick(there, key=lambda pair: pair[1]) for pick in (min, max))
    text = f"{visible(one.name)}: {figure(begins, chart.unit)} at {visible(first)}"
    if len(there) > 1:
        text += f", {figure(ends, chart.unit)} at {visible(last)}"
    if len(there) > 2:
        text += f", between {figure(low[1], chart.unit)} ({visible(low[0])})"
        text += f" and {figure(high[1], chart.unit)} ({visible(high[0])})"
    return text


def _peak(chart: Histogram, number: int) -> str:
    """Where most of a sample lies."""
    sample = chart.samples[number]
    place = max(range(len(sample.shares)), key=lambda n: sample.shares[n])
    low = chart.low + place * chart.width
    span = f"{figure(low, chart.unit)} to {figure(low + chart.width, chart.unit)}"
    return f"{visible(sample.name)}: most often {span}, in {figure(sample.shares[place], 'fraction')}"


def demand() -> None:
    """NotShownError without the package that draws."""
    if not can_draw():
        raise NotShownError(f"pictures need one more package: {INSTALL}")


def chosen(document: Document, wanted: str) -> Chart | Histogram:
    """The chart that is ``wanted`` by its number or a part of its title, or the only one. NotShownError for none."""
    found = pictures(document)
    if not found:
        raise NotShownError("the answer has no chart; use another format")
    told = "; ".join(f"{number} {visible(chart.title)}" for number, chart in enumerate(found, 1))
    if not wanted and len(found) > 1:
        raise NotShownError(
            f"the answer has {len(found)} charts; add --chart with a number or a part of a title: {told}"
        )
    if wanted.isdecimal():
        fit = found[int(wanted) - 1 : int(wanted)] if int(wanted) else []
    else:
        fit = [chart for chart in found if wanted.casefold() in chart.title.casefold()]
    if len(fit) != 1:
        what = "no chart" if not fit else f"{len(fit)} charts"
        raise NotShownError(f"--chart {visible(wanted)} is {what} of the answer; there are: {told}")
    return fit[0]


def _converter() -> Any:
    demand()
    return import_module("vl_convert")


def _trimmed(drawn: str, *, title: str, told: str, name: str) -> str:
    """A drawn picture without what a static one needs none of, named for those who hear it."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)
    for element in root.iter():
        for attribute in list(element.attrib):
            if _IDLE.fullmatch(attribute):
                del element.attrib[attribute]
        for child in list(element):
            if child.get("display") == "none" or (child.tag == f"{{{_SVG}}}path" and not child.get("d")):
                element.remove(child)
    for element in reversed(list(root.iter())):  # each after those in it
        for child in list(element):
            if child.tag == f"{{{_SVG}}}g" and not len(child) and not (child.text or "").strip():
                element.remove(child)
    names = {one.get("id"): f"{name}{one.get('id')}" for one in root.iter() if one.get("id")}
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute == "id":
                element.set("id", names[value])
            elif value.startswith("url(#"):
                element.set(attribute, f"url(#{names[value[5:-1]]})")
    root.set("role", "img")
    root.set("aria-label", f"{title}. {told}".removeprefix(". "))
    for place, (tag, text) in enumerate((("title", title or "Chart"), ("desc", told))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}")
        element.text = text
        root.insert(place, element)
    return ElementTree.tostring(root, encoding="unicode")
