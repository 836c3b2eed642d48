"""A screen becomes a PNG that says what it is; what cannot be drawn is refused and leaves no file."""

import asyncio
from io import BytesIO

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from engine.cli.surface import chosen_slices
from engine.domain.errors import BadInput, OptixError, Refused, UnknownSymbol
from engine.domain.instants import iso
from engine.domain.market import FeedState
from engine.domain.volatility import SurfaceModel
from engine.messages.base import topic
from engine.messages.events import StatusChanged
from engine.messages.exposure import GetExposure
from engine.messages.queries import GetStatus
from engine.messages.surface import GetSurface, SurfaceChanged
from optix_tui import printing
from optix_tui.format import day
from optix_tui.freshness import Condition, Freshness
from optix_tui.pictures import drawing
from optix_tui.pictures.banner import instant_words
from optix_tui.pictures.chosen_model import ChosenModel
from optix_tui.pictures.drawing import condition_words, draw
from optix_tui.pictures.expiry import find_expiry
from optix_tui.pictures.picture import read_size
from optix_tui.theme import load_palette
from tests.kit import engine_facts, exposure_facts, facts, surface_facts
from tests.kit.fake_engine import FakeEngine
from tests.kit.stage import told_engine

SMALL = "80x24"


@pytest.fixture
def engine(monkeypatch) -> FakeEngine:
    fake = told_engine()

    def way(_feed, _options, *, host):
        assert host is False, "a picture owns nothing"

        async def there():
            return fake

        return there

    monkeypatch.setattr(printing, "way_to_engine", way)
    monkeypatch.setattr(printing, "HEARING_SECONDS", 0.1)
    monkeypatch.setattr(printing, "LISTING_SECONDS", 0.1)
    return fake


@pytest.fixture
def texts(monkeypatch) -> list[str]:
    """The rows of what was drawn."""
    seen: list[str] = []
    real = drawing.composed

    def composed(body, *others):
        made = real(body, *others)
        seen.extend("".join(map(chr, row)) for row in made.frame.glyph.tolist())
        return made

    monkeypatch.setattr(drawing, "composed", composed)
    return seen


def opened(path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


@pytest.mark.usefixtures("engine")
def test_a_surface_is_a_png_of_the_size_that_was_asked_for_and_says_what_it_is(tmp_path, texts):
    target = tmp_path / "surface.png"
    told = draw(["OVDV", "SPX", "HEAT"], file=str(target), size=SMALL, feed_options={})
    image = opened(target)
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (80 * 18, 24 * 36))
    assert image.text["Title"] == "OVDV SPX Volatility Surface"
    assert image.text["Source"] == "SIM synthetic"
    assert told == f"{target}: OVDV SPX Volatility Surface, 80 by 24 cells"
    assert texts[0].startswith(" OVDV  SPX Volatility Surface")
    assert texts[1].startswith("  1 HEAT ")
    assert {row[0] + row[-1] for row in texts[1:-1]} == {"  "}, "a blank column at either side"
    assert texts[-1].startswith(" OPTIX  SIM  synthetic")
    assert texts[-1].endswith(f"{instant_words(surface_facts.surface('SPX').as_of)} ")
    assert len(texts) == 24
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("picture", ["HEAT", "MESH"])
def test_a_surface_has_more_colours_in_a_picture_than_cells_could_show(tmp_path, picture):
    target = tmp_path / "surface.png"
    draw(["OVDV", "SPX", picture], file=str(target), size=SMALL, feed_options={})
    red, green, blue = (plane.astype(np.int32) for plane in np.moveaxis(np.asarray(opened(target)), 2, 0))
    assert np.unique(red << 16 | green << 8 | blue).size > 2000


@pytest.mark.usefixtures("engine")
def test_the_curve_of_a_smile_is_a_smooth_line(tmp_path, monkeypatch):
    made = []
    real = drawing.delivered
    monkeypatch.setattr(drawing, "delivered", lambda picture, file: made.append(picture) or real(picture, file))
    draw(["OVDV", "SPX", "SMILE"], file=str(tmp_path / "smile.png"), size=SMALL, feed_options={})
    (picture,) = made
    fit = load_palette("amber").text
    curve = next(one for one in picture.strokes if (one.colours == fit).all() and one.colours.size > 20)
    left, top, right, bottom = curve.box
    assert 0 < left < right < 80
    assert 0 < top < bottom < 24
    x, y = np.round((curve.ends[:2].T + 0.5) * 9).astype(int)[::7].T
    pixels = np.asarray(opened(tmp_path / "smile.png"))
    beside = [place for place in zip(x.tolist(), y.tolist(), strict=True) if not picture.covered[place[1] // 36, place[0] // 18]]
    near = [np.abs(pixels[down, across].astype(int) - [fit >> 16, fit >> 8 & 255, fit & 255]).sum() for across, down in beside]
    assert len(near) > 5
    assert np.median(near) < 12


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("theme", "dark"), [("amber", True), ("paper", False)])
def test_a_theme_is_in_every_pixel(tmp_path, theme, dark):
    target = tmp_path / "gex.png"
    draw(["GEX", "SPX"], file=str(target), size=SMALL, theme=theme, feed_options={})
    palette = load_palette(theme)
    ground = tuple(palette.ground >> shift & 255 for shift in (16, 8, 0))
    assert (np.asarray(opened(target)) == ground).all(axis=2).mean() > 1 / 3
    assert (sum(ground) < 100) == dark


@pytest.mark.usefixtures("engine")
def test_a_picture_has_colours_where_the_terminal_is_to_have_none(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    draw(["GEX", "SPX"], file=str(tmp_path / "gex.png"), size=SMALL, feed_options={})
    up = load_palette("amber").up
    assert (np.asarray(opened(tmp_path / "gex.png")) == (up >> 16, up >> 8 & 255, up & 255)).all(axis=2).any()


def test_stale_numbers_are_faded_and_said_to_be_stale(engine, tmp_path, texts):
    degraded = replace(engine_facts.status(), feed_state=FeedState.DEGRADED, feed_reason="no data for 42 s")
    engine.answers[GetStatus] = lambda _query: degraded
    engine.say(StatusChanged(status=degraded))
    draw(["OVDV", "SPX"], file=str(tmp_path / "a.png"), size=SMALL, feed_options={})
    assert "STALE" in texts[0]
    assert texts[-1].startswith(" OPTIX  SIM  STALE")
    assert "STALE" in opened(tmp_path / "a.png").text["Source"]


def test_stdout_gets_a_whole_png_and_no_word(engine, capfdbinary):
    assert draw(["OVDV", "SPX", "TERM"], file="-", size=SMALL, feed_options={}) == ""
    assert Image.open(BytesIO(capfdbinary.readouterr().out)).size == (1440, 864)
    assert engine.is_closed


def test_of_two_series_of_one_day_the_last_to_settle_is_drawn_and_named(engine, tmp_path, texts):
    told = draw(["OVDV", "SPX", "SMILE"], file=str(tmp_path / "a.png"), size=SMALL, expiry="2026-12-18", feed_options={})
    assert told.startswith("SPX AM, SPXW PM end on that day: the picture shows SPXW PM")
    assert any("18-Dec-26 SPXW" in row for row in texts)


def test_without_an_expiry_the_smile_is_the_one_that_the_command_tells_too(engine, tmp_path, texts):
    told = surface_facts.surface("SPX")
    engine.answers[GetSurface] = lambda _query: told
    (chosen,) = chosen_slices(told, None)
    draw(["OVDV", "SPX", "SMILE"], file=str(tmp_path / "a.png"), size=SMALL, feed_options={})
    assert any(day(chosen.series.expiry) in row and f"{chosen.series.root} " in row for row in texts[1:4])


def test_a_stored_surface_is_said_to_be_recorded(engine, tmp_path, texts):
    at = facts.NOW - 3_600 * 10**9
    engine.answers[GetSurface] = lambda query: surface_facts.surface("SPX", as_of=query.at or facts.NOW, recorded=query.at is not None)
    draw(["OVDV", "SPX"], file=str(tmp_path / "a.png"), size=SMALL, at=at, feed_options={})
    assert texts[-1].startswith(" OPTIX  SIM  RECORDED")
    assert iso(at)[11:19] in texts[-1]


def test_the_model_for_risk_is_drawn_where_it_was_asked_for(engine, tmp_path, texts):
    draw(["OVDV", "SPX"], file=str(tmp_path / "a.png"), size=SMALL, model="essvi", feed_options={})
    assert "eSSVI" in texts[0]
    assert {query.model for query in engine.asked if isinstance(query, GetSurface)} == {SurfaceModel.ESSVI}


async def test_another_model_hears_nothing_of_the_displayed_one_and_passes_the_rest_on():
    inner = told_engine()
    seen = ChosenModel(inner, SurfaceModel.ESSVI)
    both = seen.watch(topic(SurfaceChanged, "SPX"), topic(StatusChanged))
    alone = seen.watch(topic(SurfaceChanged, "SPX"))
    inner.say(surface_facts.changed("SPX"))
    assert {type(event) for event in both.drain()} == {StatusChanged}
    assert alone.drain() == []
    assert await seen.ask(GetStatus()) == engine_facts.status()
    await seen.close()
    assert inner.is_closed


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"size": "80"}, r"--size 80: write columns x rows, such as 120x40"),
        ({"size": "20x5"}, "60 to 400 columns and 16 to 200 rows"),
        ({"size": "9999x9999"}, "60 to 400 columns"),
        ({"theme": "neon"}, "there is no theme neon; there are amber"),
        ({"expiry": "2026-11-22"}, "SPX has no quoted expiry 2026-11-22; it has 2026-11"),
        ({"words": ["OVDV", "SPX", "NOSUCH"]}, "OVDV knows no NOSUCH"),
        ({"words": ["NOSUCH", "SPX"]}, "NOSUCH"),
        ({"file": "picture.jpg"}, "does not end in .png"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_cannot_be_drawn_is_refused_and_leaves_no_file(tmp_path, said, why):
    said = {"words": ["OVDV", "SPX"], "size": SMALL, "feed_options": {}} | said
    target = tmp_path / said.pop("file", "picture.png")
    with pytest.raises(BadInput, match=why):
        draw(said.pop("words"), file=str(target), **said)
    assert list(tmp_path.iterdir()) == []


def test_a_screen_that_was_told_nothing_is_no_picture(engine, tmp_path, monkeypatch):
    async def never(_query):
        await asyncio.Event().wait()

    monkeypatch.setattr(printing, "PATIENCE", 0.3)
    engine.answers[GetSurface] = never
    with pytest.raises(OptixError, match="OVDV SPX has nothing to show yet"):
        draw(["OVDV", "SPX"], file=str(tmp_path / "a.png"), feed_options={})
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_a_function_too_is_the_name(engine, tmp_path):
    draw(["GEX"], symbol="SPX", file=str(tmp_path / "a.png"), size=SMALL, feed_options={})
    with pytest.raises(UnknownSymbol, match="TAS"):
        draw(["GEX"], symbol="TAS", file=str(tmp_path / "b.png"), size=SMALL, feed_options={})
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_exposure_that_is_refused_is_no_picture(engine, tmp_path):
    nobody = exposure_facts.exposure("SPX", trouble="nobody can hold VIX")
    engine.answers[GetExposure] = lambda _query: nobody
    with pytest.raises(Refused, match="nobody can hold VIX"):
        draw(["GEX", "SPX"], file=str(tmp_path / "a.png"), size=SMALL, feed_options={})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_refused_before_anything_is_drawn(engine, tmp_path):
    with pytest.raises(UnknownSymbol, match="ZZZZ"):
        draw(["GEX", "ZZZZ"], file=str(tmp_path / "a.png"), feed_options={})
    assert list(tmp_path.iterdir()) == []
    assert engine.is_closed


async def test_a_screen_of_all_expiries_takes_any_that_is_listed():
    found = await find_expiry(told_engine(), "GEX", "SPX", "2026-12-18", None)
    assert found.word == "20261218SPXW"
    with pytest.raises(BadInput, match="has no listed expiry 2026-11-22"):
        await find_expiry(told_engine(), "GEX", "SPX", "2026-11-22", None)


@pytest.mark.parametrize(("text", "size"), [(None, (120, 40)), ("80x24", (80, 24)), (" 100 X 30 ", (100, 30)), ("90×20", (90, 20))])
def test_a_size_is_columns_by_rows(text, size):
    assert read_size(text) == size


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition.LIVE, ""),
        (Condition.FROZEN, ""),
        (Condition.CLOSED, "CLOSED"),
        (Condition.RECORDED, "RECORDED"),
        (Condition.STALE, "STALE 42s"),
    ],
)
def test_the_footer_says_what_the_kind_of_market_does_not(condition, said):
    assert condition_words(Freshness(condition=condition, age=42.0, at=facts.NOW)) == said
