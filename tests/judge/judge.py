"""The judge: builds the world around mozyd, plays the scenarios against it from outside, and says honestly what passed."""
import argparse
import concurrent.futures
import glob
import importlib
import os
import random
import re
import shutil
import signal
import string
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from host import Daemon, Postgres, write_secret  # noqa: E402
from mozy import Mozy, free_port  # noqa: E402
from osa import Osa  # noqa: E402
from osa_wire import Auth  # noqa: E402
from scene import SCENARIOS, Scene  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


class World:
    def __init__(self, args):
        self.args, self.folder = args, tempfile.mkdtemp(prefix="judge-")
        os.chmod(self.folder, 0o711)
        self.postgres, self.mozy = Postgres(self.folder), Mozy(self.folder, free_port())
        self.oauth_secret = "".join(random.choices(string.ascii_letters, k=40))
        self.auth = Auth(args.auth, self.folder, "judge-oauth-key", self.oauth_secret)
        listen = f"127.0.0.1:{free_port()}"
        self.public_url = f"{self.auth.scheme()}://{listen}"
        self.daemon = Daemon(args.binary, self.folder, self.settings(listen))
        self.osa = None

    def settings(self, listen):
        tls = {"osa.auth": "mutual-tls", "osa.tls_cert_file": write_secret(self.folder, "server.crt", self.auth.server_cert), "osa.tls_key_file": write_secret(self.folder, "server.key", self.auth.server_key)} \
            if self.args.auth == "mtls" else {"osa.auth": "oauth", "osa.oauth_key": self.auth.key, "osa.oauth_secret_file": write_secret(self.folder, "oauth.secret", self.oauth_secret)}
        # The guard has its own tests; here it must not hold up a judge who removes what he made.
        guard = {f"guard.{c}_min": 1_000_000 for c in ("delete", "suspend", "downgrade", "update")}
        return {"database.url": self.postgres.url, "secrets.key_file": write_secret(self.folder, "seal.key"), "mozy.base_url": self.mozy.base_url,
                "mozy.timeout": "5s", "mozy.settle": "3s", "mozy.requests_per_second": 500, "osa.listen": listen, "osa.public_url": self.public_url,
                "osa.task_patience": "20s", **tls, "admin.listen": f"127.0.0.1:{free_port()}", "reconcile.interval": "5s", "refresh.schedule": "*/7 * * * * *",
                **guard, "log.format": "json", "log.level": self.args.log_level}

    def start(self):
        self.postgres.start()
        self.mozy.start()
        self.switches = self.mozy.throw_switches(self.args.seed)
        self.daemon.configure()
        migrated = self.daemon.verb("migrate")
        if migrated.returncode:
            raise RuntimeError(f"mozyd migrate ended with {migrated.returncode}: {migrated.stdout}{migrated.stderr}")
        self.daemon.start()
        self.osa = Osa(self.auth, self.public_url)
        self.keys = {}
        for model in ("direct", "reseller"):
            api_key, root = self.mozy.new_root(f"{model} root")
            instance = self.osa.install(api_key, root, reseller=model == "reseller")
            self.keys[model] = (api_key, root, instance)

    def stop(self):
        for what in (self.daemon, self.osa, self.mozy, self.postgres):
            try:
                what and what.stop()
            except Exception as e:  # what does not stop must not keep the rest running
                print(f"could not stop {type(what).__name__}: {e}")
        if self.args.keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def play(world, scenario, printing):
    scene, started = Scene(world, scenario.name), time.monotonic()
    try:
        scenario.play(scene)
    except Exception as e:
        scene.fail(f"{type(e).__name__}: {e}".splitlines()[0][:600] + where(e))
    try:
        scenario.alone and not scenario.last and scene.calm()
    except Exception as e:
        scene.fail(f"afterwards: {e}")
    took = f"{time.monotonic() - started:.0f}s"
    with printing:
        print(f"{'FAIL' if scene.failures else 'PASS'} {scenario.name} [{took}]: " + ("; ".join(scene.failures) if scene.failures else scene.seen()), flush=True)
    return not scene.failures


def where(e):
    frames = [f for f in traceback.extract_tb(e.__traceback__) if "/scenarios/" in f.filename]
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""


def main():
    parser = argparse.ArgumentParser(prog="tests/judge/run", description=__doc__)
    parser.add_argument("binary", nargs="?", default=os.path.join(HERE, "../../target/debug/mozyd"))
    parser.add_argument("--only", metavar="PATTERN", default="", help="play the scenarios whose name matches this regular expression")
    parser.add_argument("--auth", choices=["oauth", "mtls"], default="oauth")
    parser.add_argument("--seed", type=int, default=0, help="0: the default Mozy; another: another Mozy the contract allows, and other dice")
    parser.add_argument("--kills", type=int, default=5, help="how often the daemon is killed under load")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios played at once")
    parser.add_argument("--log-level", default="debug")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs, configuration and databases")
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    args = parser.parse_args()
    for file in sorted(glob.glob(os.path.join(HERE, "scenarios", "*.py"))):
        importlib.import_module("scenarios." + os.path.basename(file)[:-3])
    chosen = [s for s in SCENARIOS if re.search(args.only, s.name)]
    if args.list:
        return print("\n".join(s.name for s in chosen))
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, signal.default_int_handler)
    world, printing, results = World(args), threading.Lock(), []
    try:
        world.start()
        print(f"mozyd {world.public_url} ({args.auth}), Mozy {world.mozy.base_url} {world.switches or 'with every switch at its default'}, OSA {world.osa.url}", flush=True)
        pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
        results += pool.map(lambda s: play(world, s, printing), [s for s in chosen if not s.alone])
        results += [play(world, s, printing) for s in sorted((s for s in chosen if s.alone), key=lambda s: s.last)]
    except KeyboardInterrupt:
        print("interrupted")
        results.append(False)
    except Exception as e:
        print(f"FAIL the world: {e}")
        results.append(False)
    finally:
        world.stop()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
    os._exit(0 if results and all(results) else 1)  # threads of scenarios that were interrupted are not waited for


if __name__ == "__main__":
    main()
