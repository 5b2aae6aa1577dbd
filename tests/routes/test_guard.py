"""Each way round the Guard is tried: foreign hosts and origins, no cookie, used tokens, ended sessions, large bodies."""

from __future__ import annotations

import json
import os

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.access import SessionStore
from dashboard.routes import CONTENT_SECURITY_POLICY, COOKIE, HEADERS, Guard
from dashboard.terms import Role
from tests.builders.served import ADDRESS, HOSTS

BEHIND = ("/", "/mri", "/media/0123.png", "/_stcore/metrics", "/_stcore/health", "/_stcore/host-config",
          "/component/x/y.js", "/static/js/index.js", "/assets/v/x.js", "/readyz", "/metrics", "/api/volume/x")  # fmt: skip


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def _fails(request):
    raise RuntimeError("patient Mustermann in /home/clinic/secret.dcm")


async def _takes(request):
    return PlainTextResponse(str(len(await request.body())))


async def _echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(tmp_path, clock):
    return SessionStore(tmp_path / "sessions", clock=clock)


@pytest.fixture
def app(sessions):
    """An application that would answer anyone anything."""
    routes = [
        Route("/fails", _fails),
        Route("/api/fails", _fails),
        WebSocketRoute("/_stcore/stream", _echo),
        Route("/{path:path}", _takes, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, sessions=sessions, hosts=HOSTS)])


@pytest.fixture
def stranger(app):
    return TestClient(app, base_url=ADDRESS, follow_redirects=False)


@pytest.fixture
def reader(app, sessions):
    client = TestClient(app, base_url=ADDRESS, follow_redirects=False)
    client.get("/", params={"launch": sessions.invite("R-01")})
    return client


@pytest.mark.parametrize("path", BEHIND)
def test_without_a_session_nothing_is_answered(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == 401
    if path.startswith("/api/"):
        assert answer.json()["code"] == "not_signed_in"
    else:
        assert "overread invite" in answer.text


@pytest.mark.parametrize("path", BEHIND)
def test_with_a_session_it_is(reader, path):
    assert reader.get(path).status_code == 200


def test_health_needs_no_session_but_the_right_host(stranger):
    assert stranger.get("/healthz").status_code == 200
    assert stranger.get("/healthz", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example@127.0.0.1", "127.0.0.1@evil.example", "0.0.0.0", "[::2]",
     "127.0.0.1:8501:1", "[", "127.0.0.1/x", ""],
)  # fmt: skip
def test_a_foreign_host_is_refused_with_a_session_too(reader, host):
    assert reader.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9999", "localhost:8501", "LOCALHOST", "[::1]:8501"])
def test_loopback_has_three_names_and_any_port(reader, host):
    cookie = reader.cookies[COOKIE]
    assert reader.get("/", headers={"Host": host, "Cookie": f"{COOKIE}={cookie}"}).status_code == 200


def test_two_hosts_are_none(app, reader):
    answer = reader.get("/", headers=[("Host", "127.0.0.1:8501"), ("Host", "evil.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:9999", "http://localhost:8501", "null", "", "file://", "http://[",
     "http://127.0.0.1:8501@evil.example", "chrome-extension://127.0.0.1:8501"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_foreign_origin_changes_nothing(reader, method, origin):
    assert reader.request(method, "/api/export", headers={"Origin": origin}).status_code == 403


def test_an_unsafe_method_without_origin_is_refused(reader):
    assert reader.post("/api/export").status_code == 403
    assert reader.post("/api/export", headers={"Origin": ADDRESS}).status_code == 200


def _connect(client, **headers):
    with client.websocket_connect("/_stcore/stream", headers={"Host": "127.0.0.1:8501", **headers}) as socket:
        socket.send_text("there")
        return socket.receive_text()


def test_the_websocket_opens_for_our_own_page(reader):
    assert _connect(reader, Origin=ADDRESS, Cookie=f"{COOKIE}={reader.cookies[COOKIE]}") == "there"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Cookie": ""},
        {"Cookie": f"{COOKIE}=guess"},
    ],
)
def test_the_websocket_is_closed_to_everyone_else(reader, wrong):
    right = {"Origin": ADDRESS, "Cookie": f"{COOKIE}={reader.cookies[COOKIE]}"}
    reader.cookies.clear()
    with pytest.raises(WebSocketDisconnect) as refused:
        _connect(reader, **{**right, **wrong})
    assert refused.value.code == 1008


def test_the_websocket_ends_with_its_session(reader, clock):
    headers = {"Host": "127.0.0.1:8501", "Origin": ADDRESS, "Cookie": f"{COOKIE}={reader.cookies[COOKIE]}"}
    with reader.websocket_connect("/_stcore/stream", headers=headers) as socket:
        socket.send_text("one")
        assert socket.receive_text() == "one"
        clock.now += 61 * 60
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
        assert ended.value.code == 1008


def test_a_launch_address_enters_once_and_leaves_no_token_behind(stranger, sessions):
    token = sessions.invite("R-02", Role.NEUROLOGIST)
    entered = stranger.get("/", params={"launch": token})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert token not in str(entered.headers) + entered.text
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain" not in cookie and "Max-Age" not in cookie
    assert stranger.get("/").status_code == 200
    stranger.cookies.clear()
    again = stranger.get("/", params={"launch": token})
    assert again.status_code == 401 and "set-cookie" not in again.headers


def test_a_used_launch_address_leads_a_reader_in_session_home(reader, sessions):
    token = sessions.invite("R-02")
    TestClient(reader.app, base_url=ADDRESS).get("/", params={"launch": token})
    answer = reader.get("/", params={"launch": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/") and "set-cookie" not in answer.headers


def test_the_next_reader_at_the_same_browser_takes_over(reader, sessions):
    before = reader.cookies[COOKIE]
    reader.get("/", params={"launch": sessions.invite("R-02")})
    assert reader.cookies[COOKIE] != before
    assert sessions.lookup(reader.cookies[COOKIE]).reader == "R-02"


@pytest.mark.parametrize("path", ["/mri", "/healthz", "/api/volume/x"])
def test_a_launch_token_is_taken_at_the_door_only(stranger, sessions, path):
    answer = stranger.get(path, params={"launch": sessions.invite("R-02")})
    assert "set-cookie" not in answer.headers


def test_a_launch_token_is_not_taken_by_a_head_or_post(stranger, sessions):
    token = sessions.invite("R-02")
    assert "set-cookie" not in stranger.head("/", params={"launch": token}).headers
    assert "set-cookie" not in stranger.post("/", params={"launch": token}, headers={"Origin": ADDRESS}).headers
    assert stranger.get("/", params={"launch": token}).status_code == 303


def test_an_ended_session_is_none(reader, clock):
    clock.now += 61 * 60
    assert reader.get("/media/0123.png").status_code == 401


def test_cookies_of_other_programs_on_this_computer_do_no_harm(reader):
    """`http.cookies` gives up at the first one that it does not like; a browser sends those of every port."""
    mine = reader.cookies[COOKIE]
    reader.cookies.clear()
    odd = f'prefs={{"a": [1, 2]}}; x y=1; {COOKIE}={mine}; =; theme="dark'
    assert reader.get("/", headers={"Cookie": odd}).status_code == 200


def test_every_answer_carries_the_headers(app, reader, stranger, sessions):
    careless = TestClient(app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False)
    careless.cookies = reader.cookies
    origin = {"Origin": ADDRESS}
    answers = [
        *(client.get(path) for client in (reader, stranger) for path in (*BEHIND, "/healthz")),
        reader.get("/", headers={"Host": "evil.example"}),
        reader.post("/", headers={"Origin": "http://evil.example"}),
        reader.put("/", headers=origin, content=b"x" * (1 << 20) + b"x"),
        reader.request("PATCH", "/x", headers=origin),
        careless.get("/fails"),
        stranger.get("/", params={"launch": sessions.invite("R-02")}),
    ]
    assert {answer.status_code for answer in answers} == {200, 303, 401, 403, 405, 413, 421, 500}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], (answer.url, name)


def test_the_policy_is_the_design_s(reader):
    policy = {part.split()[0]: part.split()[1:] for part in CONTENT_SECURITY_POLICY.split("; ")}
    assert policy == {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-inline'", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_what_is_inside_can_t_loosen_the_headers(sessions):
    async def loose(request):
        return PlainTextResponse("", headers={"Content-Security-Policy": "default-src *", "X-Frame-Options": "ALLOW"})

    guard = Middleware(Guard, sessions=sessions, hosts=HOSTS)
    client = TestClient(Starlette(routes=[Route("/healthz", loose)], middleware=[guard]), base_url=ADDRESS)
    assert client.get("/healthz").headers.get_list("content-security-policy") == [CONTENT_SECURITY_POLICY]


def test_a_page_begins_with_our_script_and_nothing_else_is_touched(sessions):
    page = "<!doctype html><html><head><title>x</title></head><body><head></body></html>"

    async def whatever(request):
        kind = request.query_params["kind"]
        return Response(
            page, media_type=kind, headers={"ETag": '"one"'}, status_code=int(request.query_params["status"])
        )

    guard = Middleware(Guard, sessions=sessions, hosts=HOSTS)
    client = TestClient(Starlette(routes=[Route("/healthz", whatever)], middleware=[guard]), base_url=ADDRESS)
    answer = client.get("/healthz", params={"kind": "text/html", "status": 200})
    added = answer.text.removeprefix("<!doctype html><html><head>").removesuffix(page.split("<head>", 1)[1])
    assert answer.text == page.replace("<head>", "<head>" + added, 1)
    assert added.startswith("<script>") and added.endswith("</script>") and added.count("<script>") == 1
    assert "delete window.WebAssembly" in added and "overread-theme" in added
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    for kind, status in (("text/plain", 200), ("text/html", 404)):
        answer = client.get("/healthz", params={"kind": kind, "status": status})
        assert (answer.text, answer.headers["etag"]) == (page, '"one"')


def test_a_page_is_asked_for_whole_and_not_compressed(sessions):
    async def asked(request):
        return PlainTextResponse(" ".join(sorted(request.headers)))

    client = TestClient(Starlette(routes=[Route("/mri", asked)], middleware=[Middleware(Guard, sessions=sessions, hosts=HOSTS)]),
                        base_url=ADDRESS)  # fmt: skip
    client.get("/", params={"launch": sessions.invite("R-02")}, follow_redirects=False)
    asking = {"Accept-Encoding": "gzip", "If-None-Match": '"x"', "If-Modified-Since": "x", "Range": "bytes=0-1"}
    shortens = {name.lower() for name in asking}
    assert shortens <= set(client.get("/mri", headers=asking).text.split())
    assert not shortens & set(client.get("/mri", headers={**asking, "Accept": "text/html,*/*"}).text.split())


@pytest.mark.parametrize("path", ["/fails", "/api/fails"])
def test_a_failure_inside_names_nobody_and_no_place(reader, path, caplog):
    answer = reader.get(path)
    assert answer.status_code == 500
    assert set(json.loads(answer.text)) == {"code", "what", "why", "what_to_do"}
    for text in (answer.text, caplog.text):
        assert "Mustermann" not in text and "/home" not in text and "Traceback" not in text
    assert "RuntimeError at test_guard.py" in caplog.text


@pytest.mark.parametrize(("path", "limit"), [("/", 1 << 20), ("/api/export", 1 << 20), ("/api/draft/S/1", 64 << 20)])
def test_a_body_over_its_limit_is_refused(reader, path, limit):
    origin = {"Origin": ADDRESS}
    assert reader.put(path, headers=origin, content=bytes(limit)).text == str(limit)
    answer = reader.put(path, headers=origin, content=bytes(limit + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_of_unsaid_length_is_cut_off_at_its_limit(reader):
    pieces = (bytes(1 << 18) for _ in range(5))
    answer = reader.put("/", headers={"Origin": ADDRESS}, content=pieces)
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413


def test_nothing_said_to_the_guard_is_logged(reader, stranger, sessions, caplog):
    token = sessions.invite("R-02")
    with caplog.at_level(0, logger="dashboard"):
        stranger.get("/", params={"launch": token})
        reader.get("/mri", params={"study": "S-AAAAAAAAAA"})
    assert [r for r in caplog.records if r.name.startswith("dashboard")] == []


def test_names_of_files_keep_their_secret(sessions, reader):
    """Whoever lists the folder can't enter with what stands there."""
    for name in os.listdir(sessions.folder):
        secret = name.partition("-")[2].removesuffix(".json")
        assert reader.get("/", headers={"Cookie": f"{COOKIE}={secret}"}).status_code == 401
