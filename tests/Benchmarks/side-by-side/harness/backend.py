"""The server behind the proxies, and its count of the requests it has got."""

import os
import re

from . import configs, questions
from .processes import Command, Server, free_port


class Backend:
    """nginx as origin. Stop it with its server."""

    def __init__(self, folder: str, cpus: tuple[int, ...]):
        folder = os.path.join(folder, f"backend-{len(cpus)}")
        os.makedirs(folder, exist_ok=True)
        configs.write_backend_files(folder)
        self.port, self._status = free_port(), free_port()
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configs.backend(self.port, self._status, len(cpus), folder))
        command = Command(("nginx", "-c", path, "-e", os.path.join(folder, "error.log")), self.port)
        self.server = Server("backend", command, cpus, os.path.join(folder, "start.log"))
        self._asked = 0

    def served(self) -> int:
        """Requests so far, without those of this method."""
        self._asked += 1
        text = questions.ask(self._status, "GET", "/").body.decode("ascii")
        found = re.search(r"^\s*\d+\s+\d+\s+(\d+)\s*$", text, re.MULTILINE)
        if not found:
            raise RuntimeError(f"the backend's counters were not understood: {text!r}")
        return int(found[1]) - self._asked

    def stop(self) -> None:
        self.server.stop()
