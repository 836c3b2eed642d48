"""The help of a tile: every key with all of its words, whatever the width."""

import pytest

from optix_tui.dialogs.help import TWO_COLUMNS, WIDTH, help_lines
from optix_tui.keymap import load_keymap
from optix_tui.keys import APP_KEYS
from optix_tui.registry import FUNCTIONS
from optix_tui.theme import load_palette


@pytest.mark.parametrize("width", [WIDTH, TWO_COLUMNS + 4])
@pytest.mark.parametrize("entry", FUNCTIONS, ids=lambda entry: entry.code)
def test_no_word_of_a_key_is_cut(entry, width):
    lines = ["".join(span[0] for span in line) for line in help_lines(entry, load_keymap(), load_palette(), (), width)]
    assert max(len(line) for line in lines) <= width - 4
    for key in (*entry.keys, *APP_KEYS):
        assert any(key.text in line for line in lines), key.text
