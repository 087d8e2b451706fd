"""What osu!'s own quality tools would say about a map: rules that yield findings.

A rule is a generator over one subject, its numbers are constants of its module, and its docstring
says what it flags (docs/checks.md prints that sentence):

    SHORTEST_HOLD = 20.0  # ms, Mapset Verifier

    def short_holds(subject: MapSubject) -> Iterator[Finding]:
        '''A hold shorter than 20 ms.'''
        for index, item in enumerate(subject.objects):
            length = subject.ends[index] - item.time
            if isinstance(item, Hold) and length < SHORTEST_HOLD:
                yield problem(f"lasts {length:.0f} ms", index)

    RULES = (
        MapRule(
            name="SliderLength",
            group=Group.COMPOSE,
            judge=short_holds,
            modes=MANIA,
            severities=(Severity.PROBLEM,),
            thresholds=("SHORTEST_HOLD",),
            sources=(VERIFIER,),
        ),
    )

- ``issue``: Severity, Scope, Group; ``problem``, ``warning``, ``minor`` make a Finding: a message,
  the indices of the objects it is about (``time=`` where there are none), and ``of=`` the map's
  index in a rule about a set. Time and link of the editor follow from the first object.
- ``subject``: MapSubject (``beatmap``, ``mode``, ``objects``, ``starts``, ``ends``, ``moments``,
  ``beat_lengths``, ``pace``, ``timing``, ``paths``, ``columns``, ``stars``, ``level``, ``drain``;
  each worked out once) and SetSubject (``maps``, ``files``).
- ``rule``: MapRule, SetRule, the modes (ALL_MODES, STD, TAIKO, CATCH, MANIA) and the sources.
- one module a group (compose, events, audio, ...) and one a mode (std, taiko, catch, mania), each
  ending in its ``RULES``; ``registry`` puts them in order; ``review`` runs them.
- A rule that only some levels have reads ``levels.level_of_map``: the level that the map's name
  says, which what its stars make it (``subject.level``) stands in for.
- In tests a map is written with ``MapSubject(beatmap=Beatmap(...))`` and judged by calling the
  rule's function: ``list(short_holds(subject))``.
"""
