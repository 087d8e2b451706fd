"""The page's files: served as they lie there, and not a second time where a browser has them."""

from beatheritage.serve.page import MEDIA_TYPES, STATIC

FILES = sorted(path for path in STATIC.rglob("*") if path.is_file())


def test_every_file_is_served_once(client):
    for path in FILES:
        address = f"/static/{path.relative_to(STATIC).as_posix()}"
        answer = client.get(address)
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].startswith(MEDIA_TYPES[path.suffix])
        again = client.get(address, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_no_other_file_is(client):
    for path in ("nothing.js", "../app.py", "..%2fapp.py", "%2fetc%2fpasswd", "draw", ""):
        assert client.get(f"/static/{path}").status_code == 404


def test_the_page_itself_is_known_again_and_still_brings_the_token(client):
    answer = client.get("/")
    again = client.get("/", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "set-cookie" in again.headers
    assert client.post("/static/app.js").status_code == 404
