"""Rows 11 and 12: numbers refreshed in four ways, and links that are good once."""
import signal

from scene import scenario

SLOW = {"reconcile__interval": "1h", "refresh__schedule": "0 0 3 1 * *"}


def more_at_mozy(s, c):
    """Somebody gives a free key of 7 GB to an e-mail that we do not manage: never touched, and it counts."""
    key = next(k for k in s.mozy.keys(c.partner) if not k["email"] and k["type"] == "Desktop")
    s.panel(c, "resource", "UpdateLicenses", keystring=key["keystring"], assigned_email_address=f"stranger{key['keystring'].lower()}@elsewhere.invalid", quota_desired=7)


@scenario("11 refresh: manualRetrieve, SIGUSR1, schedule, Mozy down", alone=True)
def refresh(s):
    s.given("a subscription, and a daemon that sweeps once an hour")
    c = s.ordered()
    s.daemon.restart(**SLOW)
    try:
        s.when("manualRetrieve")
        more_at_mozy(s, c)
        answer = c.call("GET", "/manualRetrieve")
        s.expect("answer", (200, ""), (answer.status, answer.text))
        s.expect("retrieve right after", (1, 7), tuple(c.retrieve()[k] for k in ("desktopLicenseNum", "desktopQuota")))
        s.eventually("pushed to the screen", 7, lambda: c.screen().get("desktopQuota"))
        s.when("SIGUSR1")
        more_at_mozy(s, c)
        s.daemon.process.send_signal(signal.SIGUSR1)
        s.eventually("pushed to the screen", 14, lambda: c.screen().get("desktopQuota"))
        s.when("Mozy is down")
        s.mozy.set(down=1)
        answer = c.call("GET", "/manualRetrieve")
        s.expect("answer", (503, "VendorUnreachable"), (answer.status, (answer.json or {}).get("error")))
        s.expect("retrieve keeps the last numbers", (2, 14), tuple(c.retrieve()[k] for k in ("desktopLicenseNum", "desktopQuota")))
        s.mozy.set(down=0)
        s.when("Mozy is back")
        more_at_mozy(s, c)
        s.eventually("manualRetrieve", 200, lambda: c.call("GET", "/manualRetrieve").status, 60)
        s.expect("retrieve", 21, c.retrieve()["desktopQuota"])
        s.when("only the schedule runs")
        s.daemon.restart(reconcile__interval="1h", refresh__schedule="*/3 * * * * *")
        more_at_mozy(s, c)
        s.eventually("pushed to the screen", 28, lambda: c.screen().get("desktopQuota"))
    finally:
        s.mozy.set(down=0)
        s.daemon.restart()
    s.quiet(c)


@scenario("11b a machine backs up")
def a_machine_backs_up(s):
    s.given("an activated licence")
    c = s.ordered()
    licence = c.add_licence(c.add_user("ann"), "Desktop", 10)
    machine = s.activate(licence["keyString"])
    mark = s.mark()
    s.when("it backs up 3 GiB")
    s.mozy.hook("grow", machine_id=machine, bytes=3 << 30)
    s.expect("manualRetrieve", 200, c.call("GET", "/manualRetrieve").status)

    def of_licence():
        answer = s.osa.call(c.instance, "GET", c.path(licence))
        return {k: str((answer.json or {}).get(k)) for k in ("machineId", "quota_used_bytes")}
    s.eventually("retrieve of the licence", {"machineId": str(machine), "quota_used_bytes": str(3 << 30)}, of_licence)
    s.usage(c, desktopLicenseNum=1, desktopQuota=10)
    s.quiet(c, since=mark)


@scenario("12 one-time links")
def links(s):
    s.given("a subscription with a user")
    c = s.ordered()
    user = c.add_user("ann")
    mark = s.mark()
    seen = []
    for what, ask in (("getClientUrl", lambda: c.call("GET", "/getClientUrl")), ("getUserUrl", lambda: s.osa.call(c.instance, "GET", c.path(user) + "/getUserUrl"))):
        s.when(f"{what} twice")
        answers = [ask(), ask()]
        s.expect("statuses", [200, 200], [a.status for a in answers])
        urls = [a.json for a in answers]
        s.true(f"the URL as a JSON string: seen {urls}", all(isinstance(u, str) and u.startswith("https://secure.mozy.invalid/login/") for u in urls), "links")
        s.true("the same link twice", urls[0] != urls[1], "each fresh")
        seen += [u.split("one_time=")[-1] for u in urls if isinstance(u, str)]
    s.writes(c, mark)
    log = s.daemon.log()
    s.expect("links in the log", [], [u for u in seen if u in log])
    s.when("a reseller's customer asks")
    customer = s.ordered_customer_of(s.reseller())
    answer = customer.call("GET", "/getClientUrl")
    s.true(f"refused with NoControlPanel: seen {answer.status} {answer.text[:200]}", answer.status >= 400 and "NoControlPanel" in answer.text, "NoControlPanel")
