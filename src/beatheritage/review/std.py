"""Rules of std's own."""

from beatheritage.review.rule import Rule

RULES: tuple[Rule, ...] = ()
