"""A stand-in for the Hugging Face hub, on this machine: one repository, as huggingface_hub asks for it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """One repository.

    Attributes:
        repository: Its id, `organisation/name`.
        folder: Its files.
        downloads: The files that were downloaded, in order.
        unknown: Other paths that were asked for.
    """

    repository: str
    folder: Path
    endpoint: str = ""
    downloads: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def find(self, path: str) -> Path | None:
        """Give the file behind `/ID/resolve/REVISION/FILE`; None where there is none."""
        before = f"/{self.repository}/resolve/"
        name = path.removeprefix(before).partition("/")[2] if path.startswith(before) else ""
        file = self.folder / name
        return file if name and file.is_file() else None

    def describe(self) -> bytes:
        """Say what is in the repository, as `/api/models/ID` does."""
        names = sorted(file.name for file in self.folder.iterdir())
        described = {
            "id": self.repository,
            "sha": COMMIT,
            "siblings": [{"rfilename": name} for name in names],
        }
        return json.dumps(described).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: FakeHub, *arguments: object) -> None:
        self._hub = hub
        super().__init__(*arguments)  # type: ignore[arg-type]  # as socketserver gives them

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def _answer(self, *, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        file = self._hub.find(path)
        if file is not None:
            if with_body:
                self._hub.downloads.append(file.name)
            content = file.read_bytes()
            headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
            return self._send(200, content, headers, with_body=with_body)
        if path == f"/api/models/{self._hub.repository}":
            return self._send(200, self._hub.describe(), {}, with_body=with_body)
        self._hub.unknown.append(path)
        code = "EntryNotFound" if f"/{self._hub.repository}/" in path else "RepoNotFound"
        return self._send(404, b"", {"X-Error-Code": code}, with_body=with_body)

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, with_body: bool) -> None:
        self.send_response(status)
        for name, value in {"X-Repo-Commit": COMMIT, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(content)


@contextmanager
def serving_hub(repository: str, folder: Path) -> Iterator[FakeHub]:
    """Serve a folder as a repository of the hub, on a free port of this machine."""
    hub = FakeHub(repository, folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, hub)) as server:
        server.daemon_threads = True
        hub.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
