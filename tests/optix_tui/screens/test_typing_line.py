from optix_tui.screens.typing_line import LONGEST, TypedLine


def test_letters_are_added_and_taken_back():
    line = TypedLine()
    for letter in "nvda ":
        line = line.after(letter, letter) or line
    assert line.text == "nvda "
    assert TypedLine("nvda").after("backspace", None) == TypedLine("nvd")
    assert TypedLine("").after("backspace", None) == TypedLine("")
    assert TypedLine("put call").after("ctrl+w", None) == TypedLine("put")
    assert TypedLine("put call").after("ctrl+u", None) == TypedLine("")


def test_other_keys_are_not_its_business():
    assert TypedLine("x").after("f6", None) is None
    assert TypedLine("x").after("escape", "\x1b") is None
    assert TypedLine("x" * LONGEST).after("y", "y") is None
