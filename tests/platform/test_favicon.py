from __future__ import annotations


def test_browsers_that_ask_for_favicon_ico_get_the_icon(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/static/favicon")
    assert answer.headers["Location"].endswith(".svg")
