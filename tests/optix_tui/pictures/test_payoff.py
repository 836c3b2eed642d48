"""An option by terms of one's own is drawn with its payoff, and says that it is a model's."""

import pytest
from PIL import Image

from engine.domain.errors import OptixError
from engine.domain.instants import parse_instant
from engine.messages.valuation import GetValuation, ValuationTerms
from optix_tui import printing
from optix_tui.pictures.payoff import draw_payoff, payoff_picture
from optix_tui.pictures.picture import Picture
from optix_tui.theme import load_palette
from tests.kit.stage import told_engine

AT = parse_instant("2026-11-20T10:45")
TERMS = ValuationTerms(underlying=100.0, strike=105.0, days=30.0, rate=0.04, volatility=0.2)


async def picture(cells: tuple[int, int]) -> Picture:
    found = await told_engine().ask(GetValuation(terms=TERMS))
    return payoff_picture(found, cells, load_palette("amber"), AT)


@pytest.mark.parametrize("cells", [(120, 40), (80, 24), (60, 16), (200, 60)])
async def test_it_has_its_rows_the_payoff_and_the_model_in_every_size(cells):
    made = await picture(cells)
    found = ["".join(map(chr, row)) for row in made.frame.glyph.tolist()]
    assert (len(found[0]), len(found)) == cells
    assert found[0].startswith(" OVME  Option Calculator")
    assert any("PAYOFF" in row or "at expiry" in row for row in found)
    assert sum(one.colours.size for one in made.strokes) > 40, "the lines of the payoff"
    assert found[-1].startswith(" OPTIX  MODEL ")
    assert "SIM" not in found[-1]
    assert found[-1].endswith(("20-Nov-26 10:45:00 New York  15:45:00 UTC ", "20-Nov-26 10:45:00 NY  15:45:00 UTC "))


@pytest.fixture
def asked(monkeypatch):
    fake = told_engine()
    ways = []

    def way(feed, options, *, host):
        ways.append((feed, dict(options), host))

        async def there():
            return fake

        return there

    monkeypatch.setattr(printing, "way_to_engine", way)
    fake.ways = ways
    return fake


def test_it_is_written_and_asks_an_engine_that_needs_no_network(asked, tmp_path):
    told = draw_payoff(TERMS, file=str(tmp_path / "put.png"), size="100x30", theme="graphite", at=AT)
    with Image.open(tmp_path / "put.png") as image:
        assert image.size == (1800, 1080)
    assert "OVME Option Calculator, 100 by 30 cells" in told
    assert asked.ways == [("synthetic", {}, False)]


def test_what_cannot_be_priced_is_refused_in_the_engines_words(asked, tmp_path):
    def refuse(_query):
        raise OptixError("the strike is above zero")

    asked.answers[GetValuation] = refuse
    with pytest.raises(OptixError, match="the strike is above zero"):
        draw_payoff(TERMS, file=str(tmp_path / "put.png"), at=AT)
    assert list(tmp_path.iterdir()) == []
