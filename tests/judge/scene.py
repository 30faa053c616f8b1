"""What a scenario has in its hands: the world, given/when/then, and the two questions asked of everything: how many writes, and is it quiet after."""
import collections
import time

import requests

from customer import Customer
from host import until
from osa import TaskFailed, plan

SCENARIOS = []
Scenario = collections.namedtuple("Scenario", "name play alone last")
OBVIOUS = 30  # seconds in which anything that needs nobody must have happened


def scenario(name, alone=False, last=False):
    """`alone`: it disturbs Mozy or the daemon, so nothing else plays meanwhile. `last`: it looks back on all the others."""
    def register(play):
        SCENARIOS.append(Scenario(name, play, alone or last, last))
        return play
    return register


class Scene:
    def __init__(self, world, name):
        self.world, self.mozy, self.osa, self.daemon, self.args = world, world.mozy, world.osa, world.daemon, world.args
        self.name, self.step, self.failures, self.facts = name, "", [], []

    # --- given / when / then -----------------------------------------------------------------------------------------

    def given(self, text):
        self.step = f"given {text}"

    def when(self, text):
        self.step = f"when {text}"

    def expect(self, what, expected, seen):
        self.true(f"{what}: expected {expected!r}, seen {seen!r}", expected == seen, f"{what} {seen!r}")

    def expect_in(self, what, expected, seen):
        self.true(f"{what}: expected one of {expected!r}, seen {seen!r}", seen in expected, f"{what} {seen!r}")

    def true(self, what, holds, fact=None):
        if holds:
            self.facts.append(fact or what)
        else:
            self.fail(what)

    def eventually(self, what, expected, look, seconds=OBVIOUS):
        """Waits until what is seen is what is expected; fails with what was seen last."""
        end = time.monotonic() + seconds
        while (seen := look()) != expected and time.monotonic() < end:
            time.sleep(0.2)
        self.expect(what, expected, seen)

    def fail(self, what):
        self.failures.append(f"{self.step}: {what}" if self.step else what)

    def seen(self):
        text = "; ".join(self.facts)
        return text if len(text) < 300 else text[:300] + f"… ({len(self.facts)} facts)"

    def refused(self, what, act, reason=None, status=409):
        """The wish is refused, with the fixed reason where the contract names one."""
        try:
            act()
        except TaskFailed as e:
            self.expect(f"{what} is refused with", (status, reason) if reason else status, (e.status, e.body.get("error")) if reason else e.status)
            return e
        self.fail(f"{what}: expected {status} {reason or ''}, but it was accepted")

    # --- givens ------------------------------------------------------------------------------------------------------

    def customer(self, model="direct", **kw):
        return Customer(self.osa, self.world.keys[model][2], **kw)

    def ordered(self, model="direct", limits=None, **kw):
        """A subscription that is provisioned; `partner` and `home` (its group) are where it lives at Mozy."""
        c = self.customer(model, limits=limits or plan(), **kw)
        c.order()
        return self.locate(c)

    def locate(self, c):
        rows = self.mozy.partners(c.number)
        assert len(rows) == 1, f"expected one partner with external_id {c.number} at Mozy, seen {len(rows)}"
        c.partner, c.home = rows[0]["id"], rows[0]["default_group_id"]
        return c

    def reseller(self, **kw):
        account = self.osa.account("RESELLER", parent=self.osa.provider)
        return self.ordered("reseller", account=account, kind="R", **kw)

    def customer_of(self, reseller, **kw):
        return self.customer("reseller", account=self.osa.account(parent=reseller.account), kind="CR", **kw)

    def ordered_customer_of(self, reseller, **kw):
        c = self.customer_of(reseller, **kw)
        c.order()
        groups = [g for g in self.mozy.groups(reseller.partner) if g["external_id"] == str(c.number)]
        assert len(groups) == 1, f"expected one group with external_id {c.number} in the reseller's partner, seen {len(groups)}"
        c.partner, c.home = reseller.partner, groups[0]["id"]
        return c

    def activate(self, keystring):
        return self.mozy.hook("activate", keystring=keystring)["machine_id"]

    def panel(self, c, service, method, /, **args):
        return self.mozy.panel(c.partner, service, method, **args)

    def keys_of(self, c, name):
        """(type, GB) of the keys that a user holds, sorted."""
        return sorted((k["type"], k["quota"]) for k in self.mozy.keys(c.partner, c.email(name)))

    def calm(self):
        """Whatever a scenario did to Mozy, to OSA or to the daemon is over, also where it failed half-way."""
        self.mozy.set(down=0, lose_answers=0, throttle=0, latency_before_ms=0, latency_after_ms=0)
        self.osa.patient = self.osa.deaf = False
        if self.daemon.process.poll() is not None:
            self.daemon.start()

    # --- thens -------------------------------------------------------------------------------------------------------

    def mark(self):
        return self.mozy.mark()

    def writes(self, c, since, **expected):
        """Exactly these writes since the mark: `user__Create=1`, or a pair (least, most) where the contract leaves a choice."""
        wanted = {k.replace("__", "."): v if isinstance(v, tuple) else (v, v) for k, v in expected.items()}
        seen = collections.Counter(self.mozy.writes(since, c.partner))
        wrong = {op: n for op, n in {**dict.fromkeys(wanted, 0), **seen}.items() if not wanted.get(op, (0, 0))[0] <= n <= wanted.get(op, (0, 0))[1]}
        self.true(f"writes at Mozy: expected {expected}, seen {dict(seen)}", not wrong, f"writes {dict(seen)}")

    def quiet(self, c, sweeps=2, since=None):
        """So many further sweeps look at the subscription and change nothing."""
        mark, seen = since or self.mark(), set()
        reads_from = self.mark()

        def swept():
            seen.add(self.status(c).get("last_attempt"))
            return len(seen) > sweeps + 1  # the first change may be of a cycle that had read before we marked
        try:
            until(swept, sweeps * 15 + 15, f"{sweeps} sweeps of a subscription (last_attempt in its status)")
        except AssertionError as e:
            return self.fail(str(e))
        self.true("the sweeps never looked at Mozy", bool(self.mozy.calls(reads_from, c.partner, writes=False)), f"{sweeps} sweeps")
        self.expect("writes of a second run", [], self.mozy.writes(mark, c.partner))

    def status(self, c):
        try:
            answer = self.daemon.api(f"subscriptions/{c.id}")
            return answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return {}

    def reasons(self, c):
        return {cond.get("reason") for cond in self.status(c).get("conditions", [])}

    def stands(self, c, reason, seconds=OBVIOUS):
        end = time.monotonic() + seconds
        while reason not in (seen := self.reasons(c)) and time.monotonic() < end:
            time.sleep(0.3)
        self.true(f"condition {reason} in the status: seen only {sorted(map(str, seen))}", reason in seen, f"{reason} stands")

    def gone(self, c, reason, seconds=OBVIOUS):
        self.eventually(f"{reason} stands", False, lambda: reason in self.reasons(c), seconds)

    def usage(self, c, **expected):
        """What retrieve reports reaches these numbers."""
        look = lambda: {k: v for k, v in c.retrieve().items() if k in expected}
        self.eventually("retrieve", expected, look)
