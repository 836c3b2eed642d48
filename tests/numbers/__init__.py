"""The page of numbers, docs/numbers.md: what the tests of the numeric core found, and what the speed table measured."""
