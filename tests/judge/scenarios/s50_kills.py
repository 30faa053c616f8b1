"""Issue (e): the daemon is killed at random moments under load, and answers of Mozy are lost; nothing is made or deleted twice."""
import collections
import json
import random
import threading
import time

from osa import TaskFailed, plan
from scene import scenario


class Load:
    """One customer who keeps changing things; what he was told is done is his model of the truth."""

    def __init__(self, s, seed):
        self.s, self.dice, self.c, self.limits = s, random.Random(seed), s.customer(), dict(desktop=(6, 120), server=(3, 60))
        self.users, self.groups, self.deleted, self.made, self.stop, self.error = {}, {}, [], 0, False, None
        self.c.tenant.update(plan(**self.limits))

    def run(self):
        try:
            self.c.order(patience=300)
            while not self.stop:
                self.dice.choice([self.hire, self.hire, self.hire, self.give, self.give, self.give, self.take, self.buy, self.resize, self.form, self.fire])()
        except Exception as e:
            self.error = e

    def hire(self):
        self.made += 1
        name = f"u{self.made}"
        self.users[name] = (self.c.add_user(name, group=self.dice.choice(["", *(g["aps"]["id"] for g in self.groups.values())]), patience=300), [])

    def give(self):
        kind, quota = self.dice.choice(["Desktop", "Server"]), self.dice.randint(1, 15)
        keys = sum(l["licenseType"] == kind for _, ls in self.users.values() for l in ls)
        gb = sum(l["quota"] for _, ls in self.users.values() for l in ls if l["licenseType"] == kind)
        limit = self.limits[kind.lower()]
        if self.users and keys < limit[0] and gb + quota <= limit[1]:
            user, licences = self.dice.choice(list(self.users.values()))
            licences.append(self.c.add_licence(user, kind, quota, patience=300))

    def take(self):
        having = [ls for _, ls in self.users.values() if ls]
        if having:
            self.c.remove(self.dice.choice(having).pop(), patience=300)

    def resize(self):
        having = [l for _, ls in self.users.values() for l in ls if l["quota"] > 1]
        if having:
            licence = self.dice.choice(having)
            self.c.change(licence, quota=licence["quota"] - 1)

    def buy(self):
        self.limits = {k: (n + self.dice.randint(0, 2), gb + self.dice.randint(0, 20)) for k, (n, gb) in self.limits.items()}
        self.c.upgrade(plan(**self.limits), patience=300)

    def form(self):
        self.made += 1
        self.groups[f"g{self.made}"] = self.c.add_group(f"g{self.made} of {self.c.number}", patience=300)

    def fire(self):
        if len(self.users) > 2:
            name = self.dice.choice(list(self.users))
            user, licences = self.users.pop(name)
            for licence in licences:
                self.c.remove(licence, patience=300)
            self.deleted.append(name)
            self.c.remove(user, patience=300)

    # --- what must be true at Mozy -----------------------------------------------------------------------------------

    def wanted(self):
        held = sorted((n, l["licenseType"], l["quota"]) for n, (_, ls) in self.users.items() for l in ls)
        return {"partners": 1, "users": sorted(self.users), "groups": len(self.groups), "licences": held, "Desktop": self.limits["desktop"], "Server": self.limits["server"]}

    def found(self):
        m, c = self.s.mozy, self.c
        partners = m.partners(c.number)
        if len(partners) != 1:
            return {"partners": len(partners)}
        c.partner, c.home = partners[0]["id"], partners[0]["default_group_id"]
        held = sorted((k["email"].split(".")[0], k["type"], k["quota"]) for k in m.keys(c.partner) if k["email"])
        return {"partners": 1, "users": sorted(u["username"].split(".")[0] for u in m.users(c.partner)), "groups": len(m.groups(c.partner)) - 1, "licences": held,
                "Desktop": m.stock(c.partner, "Desktop"), "Server": m.stock(c.partner, "Server")}


def made_once(s, loads, mark):
    """Mozy's call log: no name is created twice, nothing is deleted that is already gone."""
    ours = [l.c.partner for l in loads if hasattr(l.c, "partner")]
    calls = [c for c in s.mozy.calls(mark) if c["partner_id"] in ours]
    creates = collections.Counter((c["service"], c["partner_id"], name_of(c)) for c in calls if c["method"] == "Create" and not c["fault"])
    s.expect("created twice", [], [k for k, n in creates.items() if n > 1])
    deletes = collections.Counter((c["service"], c["args"]) for c in s.mozy.calls(mark) if c["method"] == "Delete")
    s.expect("deleted twice", [], [k for k, n in deletes.items() if n > 1])
    mails = collections.Counter((m["address"], m["keystring"]) for l in loads for n in list(l.users) for m in s.mozy.mails(l.c.email(n)))
    # a key may come back to the same person after it was taken from him, so only the sum tells
    given = sum(1 for l in loads for x in s.osa.resources.values() if x["aps"]["type"].endswith("License/1.0") and x["mozyProAccountUser"]["aps"]["id"] in {u["aps"]["id"] for u, _ in l.users.values()})
    s.true(f"more activation mails ({sum(mails.values())}) than licences given ({given})", sum(mails.values()) <= given, f"{sum(mails.values())} mails")


def name_of(call):
    args = json.loads(call["args"])
    return (args.get("username") or args.get("name") or args.get("root_admin_username") or "").lower()


@scenario("e killed at random moments under load", alone=True)
def killed(s):
    s.given("four customers who keep changing things, and a slow Mozy")
    dice, mark = random.Random(s.args.seed), s.mark()
    s.daemon.restart(osa__task_patience="10m")
    s.mozy.set(latency_before_ms=80, latency_after_ms=80)
    s.osa.patient = True
    loads = [Load(s, s.args.seed * 100 + i) for i in range(4)]
    threads = [threading.Thread(target=l.run, daemon=True) for l in loads]
    try:
        [t.start() for t in threads]
        for n in range(s.args.kills):
            s.when(f"killed the {n + 1}. time")
            time.sleep(dice.uniform(0.5, 6))
            s.daemon.kill()
            s.daemon.start(osa__task_patience="10m")
        time.sleep(5)
        for l in loads:
            l.stop = True
        s.when("the load has ended")
        end = time.monotonic() + 150
        [t.join(max(0, end - time.monotonic())) for t in threads]
    finally:
        s.mozy.set(latency_before_ms=0, latency_after_ms=0)
        s.osa.patient = False
    s.expect("tasks that failed or hang", [], [str(l.error)[:300] for l in loads if l.error] + [f"customer {l.c.number} hangs" for l, t in zip(loads, threads) if t.is_alive()])
    for l in loads:
        s.eventually(f"customer {l.c.number}", l.wanted(), l.found, 60)
    made_once(s, loads, mark)
    s.when("it is quiet again")
    for l in loads:
        s.quiet(l.c, sweeps=3)
    s.facts.insert(0, f"{s.args.kills} kills, {len(s.mozy.calls(mark))} writes, {sum(l.made for l in loads)} people and groups made, {sum(len(l.deleted) for l in loads)} removed")
    s.daemon.restart()


@scenario("e answers lost after Mozy did the work", alone=True)
def lost_answers(s):
    s.given("a Mozy that does the work and answers 502")
    s.daemon.restart(osa__task_patience="10m")
    mark = s.mark()
    c = s.customer()
    s.mozy.set(lose_answers=3)
    s.when("an order, whose three writes all lose their answer")
    c.order(patience=200)
    s.locate(c)
    s.expect("stock", [(5, 100), (2, 50)], [s.mozy.stock(c.partner, "Desktop"), s.mozy.stock(c.partner, "Server")])
    s.writes(c, mark, partner__Create=1, resource__Provision=2)
    s.when("a user with a licence, likewise")
    mark = s.mark()
    s.mozy.set(lose_answers=2)
    user = c.add_user("ann", patience=200)
    licence = c.add_licence(user, patience=200)
    s.writes(c, mark, user__Create=1, resource__UpdateLicenses=1)
    s.when("both are removed, likewise")
    mark = s.mark()
    s.mozy.set(lose_answers=2)
    c.remove(licence, patience=200)
    c.remove(user, patience=200)
    s.writes(c, mark, resource__UpdateLicenses=1, user__Delete=1)
    s.mozy.set(lose_answers=0)
    s.quiet(c)
    s.daemon.restart()


@scenario("e Mozy throttles", alone=True)
def throttled(s):
    s.given("a Mozy that answers 429 with Retry-After to the next ten calls")
    s.mozy.set(throttle=10)
    s.when("somebody orders")
    mark = s.mark()
    c = s.customer()
    try:
        c.order(patience=120)
    except TaskFailed as e:
        s.fail(f"the order failed: {e}")
    s.mozy.set(throttle=0)
    s.locate(c)
    s.writes(c, mark, partner__Create=1, resource__Provision=2)
    s.quiet(c, sweeps=1)
