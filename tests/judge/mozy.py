"""The judge's Mozy: starts the PHP server, works its hooks, and reads its books (the SQLite file) for what is true there."""
import json
import os
import random
import signal
import socket
import sqlite3
import string
import subprocess
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))

# The switches of contract section 4 that this Mozy has; the first value of each is its default.
SWITCHES = {
    "fault_http_status": ["500", "200"], "user_email_scope": ["global", "per partner"], "machine_delete_clears_email": ["yes", "no"],
    "suspended_user_delete": ["faults", "allowed"], "deleted_partner_get": ["faults", "status"], "deleted_email_reusable": ["at once", "after purge"],
    "update_return": ["rows changed", "nothing"], "int_encoding": ["long", "int"], "usernames": ["lower-cased", "kept"],
    "GetResources_extra_types": ["", "GrandFathered"], "missing_update": ["faults", "returns 0"], "empty_get_licenses": ["faults", "empty list"],
    "external_id_search": ["works", "faults", "ignored"], "unprovisioned_types": ["zeros", "left out"], "deleted_group_resources": ["default", "released"],
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Mozy:
    def __init__(self, folder, port):
        self.port, self.base_url = port, f"http://127.0.0.1:{port}"
        self.file = os.path.join(folder, "mozy.sqlite")
        self.log = open(os.path.join(folder, "php.log"), "w")
        self.process = None

    def start(self):
        env = dict(os.environ, MOZY_DB=self.file, PHP_CLI_SERVER_WORKERS="6")
        self.process = subprocess.Popen(["php", "-S", f"127.0.0.1:{self.port}", os.path.join(HERE, "php", "router.php")],
                                        env=env, stdout=self.log, stderr=self.log, start_new_session=True)
        for _ in range(100):
            try:
                return self.hook("setup")
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the judge's Mozy did not start, see php.log")

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)  # its workers are in its own session
            self.process.wait()

    def hook(self, hook, /, **args):
        request = urllib.request.Request(f"{self.base_url}/hooks/{hook}", json.dumps(args).encode(), {"Content-Type": "application/json"})
        try:
            return json.load(urllib.request.urlopen(request, timeout=30))
        except urllib.error.HTTPError as e:
            raise AssertionError(f"hook {hook}{args}: {e.read().decode()}") from None

    def set(self, **settings):
        self.hook("set", **settings)

    def throw_switches(self, seed):
        """Seed 0 is the default Mozy; another seed is another Mozy that the contract allows."""
        dice = random.Random(seed)
        chosen = {k: (dice.choice(v) if seed else v[0]) for k, v in SWITCHES.items()}
        self.set(**chosen)
        return {k: v for k, v in chosen.items() if v != SWITCHES[k][0]}

    def new_root(self, name):
        api_key = "".join(random.choices(string.ascii_letters + string.digits, k=64))
        return api_key, self.hook("root", name=name, api_key=api_key)["partner_id"]

    def panel(self, partner, service, method, /, **args):
        """A person does this in Mozy's own control panel."""
        return self.hook("panel", partner_id=partner, service=service, method=method, args=args)["answer"]

    # --- reading the books -------------------------------------------------------------------------------------------

    def rows(self, sql, *args):
        with sqlite3.connect(self.file, timeout=20) as c:
            c.row_factory = sqlite3.Row
            rows = [dict(r) for r in c.execute(sql, args)]
        c.close()
        return rows

    def partners(self, external_id):
        return self.rows("select p.*, a.username as admin from partner p left join admin a on a.partner_id = p.id and a.parent_admin_id is null "
                         "where p.external_id = ? and p.deleted = 0", str(external_id))

    def groups(self, partner_id):
        return self.rows("select * from grp where partner_id = ? and deleted = 0 order by id", partner_id)

    def users(self, partner_id):
        return self.rows("select u.* from usr u join grp g on g.id = u.group_id where g.partner_id = ? and u.deleted = 0 order by u.id", partner_id)

    def user(self, email):
        return next(iter(self.rows("select * from usr where lower(username) = lower(?) and deleted = 0", email)), None)

    def keys(self, partner_id, email=None):
        """Keys of a partner; those of an e-mail, where one is given."""
        return self.rows("select l.* from licence l join grp g on g.id = l.group_id where g.partner_id = ? and (? is null or lower(l.email) = lower(?)) order by l.rowid",
                         partner_id, email, email)

    def machines(self, user_id):
        return self.rows("select * from machine where user_id = ? and deleted = 0", user_id)

    def stock(self, where, kind, group=None):
        """(licences, GB) bought of a partner, or of one group of it."""
        keys = self.rows("select count(*) n from licence l join grp g on g.id = l.group_id where g.partner_id = ? and g.deleted = 0 and l.type = ? and (? is null or g.id = ?)", where, kind, group, group)[0]["n"]
        gb = self.rows("select coalesce(sum(quota), 0) q from pool p join grp g on g.id = p.group_id where g.partner_id = ? and g.deleted = 0 and p.type = ? and (? is null or g.id = ?)", where, kind, group, group)[0]["q"]
        return keys, gb

    def mails(self, address):
        return self.rows("select * from mail where address = lower(?)", address)

    def mark(self):
        return self.rows("select coalesce(max(n), 0) n from call")[0]["n"]

    def calls(self, since, partner_id=None, writes=True):
        return self.rows("select * from call where n > ? and is_write = ? and (? is null or partner_id = ?) order by n", since, int(writes), partner_id, partner_id)

    def writes(self, since, partner_id=None):
        """`service.Method` of each changing call, in order."""
        return [f"{c['service']}.{c['method']}" + (" (fault)" if c["fault"] else "") for c in self.calls(since, partner_id)]

    def complaints(self):
        return self.rows("select what, count(*) n from complaint group by what order by n desc")
