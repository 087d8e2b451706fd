"""Rules of taiko's own."""

from beatheritage.review.rule import Rule

RULES: tuple[Rule, ...] = ()
