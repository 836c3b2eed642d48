"""What each function shows: ``view.py`` says what (pure), ``paint.py`` draws it, ``screen.py`` joins it to the engine and the keys."""
