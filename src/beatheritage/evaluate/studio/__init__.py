"""How quick, steady and even the studio is: the real server, a real browser, many at once.

    python -m beatheritage.evaluate.studio [--jobs 200] [--clients 50]

Writes its section of docs/performance.md.
"""
