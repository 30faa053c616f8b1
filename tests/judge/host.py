"""What the judge starts on this machine, and stops again by pid: a private PostgreSQL, and the daemon that is judged."""
import glob
import os
import secrets
import signal
import subprocess
import time

import requests

from mozy import free_port


class Postgres:
    def __init__(self, folder):
        self.data, self.port = os.path.join(folder, "pg"), free_port()
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.url = f"postgres://judge@127.0.0.1:{self.port}/judge"
        os.makedirs(self.data)
        if os.geteuid() == 0:
            os.chmod(folder, 0o711)
            subprocess.check_call(["chown", "postgres", self.data])
        self.process = None

    def _as(self, *argv):
        return (["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []) + [os.path.join(self.bin, argv[0]), *argv[1:]]

    def start(self):
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/")
        subprocess.check_call(self._as("initdb", "-D", self.data, "-U", "judge", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"), **quiet)
        self.process = subprocess.Popen(self._as("postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-k", self.data,
                                                 "-c", "fsync=off", "-c", "max_connections=200"), start_new_session=True, **quiet)
        for _ in range(100):
            if subprocess.call(self._as("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "judge"), **quiet) == 0:
                return subprocess.check_call(self._as("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "judge", "judge"), **quiet)
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


class Daemon:
    """`mozyd run` with a configuration of ours; every line it logs is kept."""

    def __init__(self, binary, folder, settings):
        self.binary, self.folder, self.settings = os.path.abspath(binary), folder, settings
        self.config, self.log_path = os.path.join(folder, "mozyd.toml"), os.path.join(folder, "mozyd.log")
        self.admin = "http://" + settings["admin.listen"]
        self.process, self.starts = None, 0

    def configure(self, **changes):
        settings = {**self.settings, **{k.replace("__", "."): v for k, v in changes.items()}}
        sections = {}
        for key, value in settings.items():
            section, name = key.split(".")
            sections.setdefault(section, []).append(f"{name} = {value}" if isinstance(value, (int, float)) else f'{name} = "{value}"')
        with open(self.config, "w") as f:
            f.write("\n".join(f"[{s}]\n" + "\n".join(lines) for s, lines in sections.items()) + "\n")

    def verb(self, *argv):
        return subprocess.run([self.binary, *argv, "--config", self.config], capture_output=True, text=True, timeout=60)

    def start(self, **changes):
        self.configure(**changes)
        self.starts += 1
        self.process = subprocess.Popen([self.binary, "run", "--config", self.config], stdout=open(self.log_path, "a"), stderr=subprocess.STDOUT,
                                        env=dict(os.environ, RUST_BACKTRACE="1"), start_new_session=True)
        until(self.ready, 30, "mozyd is ready (/readyz)")

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"mozyd ended with {self.process.returncode}: {self.log()[-2000:]}")
        try:
            return requests.get(self.admin + "/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                return False
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self, **changes):
        self.stop()
        self.start(**changes)

    def api(self, path, method="GET"):
        return requests.request(method, f"{self.admin}/api/v1/{path}", timeout=10)

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()


def until(predicate, seconds, what, every=0.15):
    """Waits for a predicate, at most so long; its last value is returned."""
    end = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(every)


def write_secret(folder, name, text=None):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f:
        f.write(text or secrets.token_hex(32))
    return path
