# SPDX-License-Identifier: Apache-2.0
"""Small servers in threads of the test, for scripts that connect to something."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import dns.flags
import dns.message
import dns.rrset

HOST = "127.0.0.1"


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Run a server for as long as the context lasts; gives its port."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Web(BaseHTTPRequestHandler):
    """
    Answers with what it was asked, as JSON.

    ``/large`` answers with six megabytes, ``/moved`` sends on to ``/echo``, ``/away?to=URL`` to anywhere.
    """

    def do_GET(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        path, _, query = self.path.partition("?")
        if path in {"/moved", "/away"}:
            self.send_response(302)
            self.send_header("Location", "/echo" if path == "/moved" else query.removeprefix("to="))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        told = {"method": self.command, "path": path, "query": query, "body": body, "headers": dict(self.headers)}
        content = b"x" * 6_000_000 if path == "/large" else json.dumps({"ok": True, "result": told}).encode()
        self.send_response(404 if path == "/missing" else 200)
        self.send_header("content-type", "application/json")
        self.send_header("Set-Cookie", "seen=yes; Path=/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer other methods alike."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def web() -> ThreadingHTTPServer:
    """Return a web server on a free port."""
    server = ThreadingHTTPServer((HOST, 0), Web)
    server.daemon_threads = True
    return server


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes in, until the other side ends."""

    def handle(self) -> None:
        """Serve one connection."""
        while data := self.request.recv(4096):
            self.request.sendall(data)


def echo() -> socketserver.ThreadingTCPServer:
    """Return an echo server on a free port."""
    server = socketserver.ThreadingTCPServer((HOST, 0), Echo)
    server.daemon_threads = True
    return server


class Silent(socketserver.BaseRequestHandler):
    """Greets as a mail server does, and says nothing more."""

    def handle(self) -> None:
        """Hold one connection until the other side ends it."""
        self.request.sendall(b"220 hello\r\n")
        while self.request.recv(4096):
            pass


def silent() -> socketserver.ThreadingTCPServer:
    """Return a server that never answers, on a free port."""
    server = socketserver.ThreadingTCPServer((HOST, 0), Silent)
    server.daemon_threads = True
    return server


RECORDS = {
    ("example.test.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("example.test.", "AAAA"): ["2001:db8::1"],
    ("example.test.", "MX"): ["10 mail.example.test."],
    ("example.test.", "NS"): ["ns.example.test."],
    ("example.test.", "TXT"): ['"v=spf1 " "-all"'],
    ("www.example.test.", "CNAME"): ["example.test."],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["example.test."],
}
"""What the name server knows."""


class NameServer(socketserver.BaseRequestHandler):
    """Answers from :data:`RECORDS`; of ``silent.test`` it says nothing."""

    def handle(self) -> None:
        """Answer one question."""
        data, line = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        if name == "silent.test.":
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        records = RECORDS.get((name, kind))
        if records:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *records))
        elif not any(known == name for known, _ in RECORDS):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        line.sendto(answer.to_wire(), self.client_address)


def name_server() -> socketserver.ThreadingUDPServer:
    """Return a name server on a free port."""
    server = socketserver.ThreadingUDPServer((HOST, 0), NameServer)
    server.daemon_threads = True
    return server
