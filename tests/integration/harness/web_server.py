# SPDX-License-Identifier: Apache-2.0
"""An HTTP server on loopback for revocation lists, which can be taken away and brought back."""

import http.server
import threading
import time

from . import ports


class WebServer:
    """Serves `pages`: path -> bytes, or a callable that makes them at each request."""

    def __init__(self, address):
        self.address = address
        self.port = ports.free_port(address)
        self.pages = {}
        self.fetches = []  # (monotonic time, path)
        self._server = None
        self._thread = None

    def url(self, path):
        return f"http://{self.address}:{self.port}{path}"

    def start(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self):
                page = owner.pages.get(self.path)
                body = page() if callable(page) else page
                owner.fetches.append((time.monotonic(), self.path))
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_unused):
                pass

        self._server = http.server.ThreadingHTTPServer((self.address, self.port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,),
                                        daemon=True)
        self._thread.start()
        return self

    def stop(self):
        """Nobody listens any more; may be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            self._thread.join(timeout=5)

    def fetches_since(self, moment):
        """Times of the requests after a monotonic `moment`."""
        return [when for when, _path in self.fetches if when > moment]
