"""How quick, steady and even the studio is: the real server, a real browser, many at once.

    python -m beatheritage.evaluate.studio [--jobs 200] [--clients 50]
    python -m beatheritage.evaluate.studio --pictures docs/pictures

The first writes its section of docs/performance.md.
"""
