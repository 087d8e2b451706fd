"""Rules of catch's own."""

from beatheritage.review.rule import Rule

RULES: tuple[Rule, ...] = ()
