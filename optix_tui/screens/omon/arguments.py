"""What may follow OMON on the command line: an expiry, a window, a preset of columns, in any order."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from engine.domain.chain import SeriesSummary
from engine.domain.errors import BadInput
from engine.domain.ids import SeriesId
from optix_tui.format import day
from optix_tui.screens.omon.columns import PRESETS, preset_named
from optix_tui.screens.omon.window import Rule, read_rule


class Wish(Struct, frozen=True, kw_only=True):
    """What was asked for; None leaves things as they are."""

    expiry: str | None = None
    rule: Rule | None = None
    preset: int | None = None
    trouble: str = ""
    """Words that mean nothing, in a sentence."""


def read_arguments(words: Iterable[str]) -> Wish:
    """Sorts the words out."""
    expiry, rule, preset, strange = None, None, None, []
    for word in words:
        try:
            found = read_rule(word)
        except BadInput as error:
            strange.append(str(error))
            continue
        if found is not None:
            rule = found
        elif preset_named(word) is not None:
            preset = preset_named(word)
        elif re.search(r"\d", word):
            expiry = word.upper()
        else:
            names = ", ".join(one.name.upper() for one in PRESETS)
            strange.append(f"OMON knows no {word}: give an expiry, a window such as ±15, or one of {names}")
    return Wish(expiry=expiry, rule=rule, preset=preset, trouble="; ".join(strange))


def expiry_word(summary: SeriesSummary) -> str:
    """The word that means this series and no other."""
    return day(summary.series.expiry).upper().replace("-", "") + summary.series.root


def find_expiry(word: str, summaries: Sequence[SeriesSummary]) -> SeriesId | None:
    """The series a word means: its date in any usual spelling, its root behind it (``20NOV26SPX``), or its days (``8D``)."""
    wanted = re.sub(r"[-/ ]", "", word.upper())
    days = re.fullmatch(r"(\d+)D", wanted)
    if days:
        near = min(summaries, key=lambda summary: abs(summary.years * 365 - int(days[1])), default=None)
        return near.series.id if near is not None else None
    for summary in summaries:
        expiry = summary.series.expiry
        written = day(expiry).upper()
        plain = written.replace("-", "")
        month_first = f"{plain[2:5]}{plain[:2]}"
        spellings = {plain, month_first, month_first + plain[5:], plain[:5], expiry.strftime("%Y%m%d"), expiry.strftime("%y%m%d")}
        if wanted in spellings or any(wanted == spelling + summary.series.root for spelling in spellings):
            return summary.series.id
    return None
