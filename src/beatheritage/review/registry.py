"""All rules, in the order in which people read a report."""

from beatheritage.review import catch, mania, std, taiko
from beatheritage.review.rule import Rule

RULES: tuple[Rule, ...] = (
    *std.RULES,
    *taiko.RULES,
    *catch.RULES,
    *mania.RULES,
)
